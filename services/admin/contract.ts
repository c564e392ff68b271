import { z } from 'zod';
import { defineEvents } from '#services/kit/events/contract';

export const outcomeSchema = z.enum(['begun', 'done', 'refused', 'failed']);
export type Outcome = z.infer<typeof outcomeSchema>;

export const auditEntrySchema = z
  .object({
    entryId: z.string(),
    at: z.iso.datetime(),
    actor: z.string(),
    action: z.string().meta({ example: 'price.set' }),
    target: z.string().meta({ example: 'BW-0041' }),
    details: z.record(z.string(), z.unknown()),
    outcome: outcomeSchema.meta({ description: '`begun` and nothing after it: nobody knows whether it took effect.' }),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = z.infer<typeof auditEntrySchema>;

export const auditSchema = z.object({ items: z.array(auditEntrySchema) }).meta({ id: 'Audit' });

export const verdictSchema = z.strictObject({ decision: z.enum(['publish', 'reject']) }).meta({ id: 'Verdict' });

/** Who does it, for what is written down. */
export const actorHeader = z.object({
  'x-actor': z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'expected the name of who does it')
    .meta({ example: 'grace' }),
});

export const flagSchema = z
  .object({
    key: z.string().meta({ example: 'search-typo-tolerance' }),
    says: z.string().meta({ example: 'on', description: 'The variant, or that it is disabled or targets some.' }),
    variants: z.array(z.string()).meta({ example: ['on', 'off'] }),
  })
  .meta({ id: 'Flag' });
export type FlagView = z.infer<typeof flagSchema>;
export const flagListSchema = z.object({ items: z.array(flagSchema) }).meta({ id: 'FlagList' });

export const newFlagSchema = z
  .strictObject({ variant: z.string().min(1).max(64).meta({ example: 'off' }) })
  .meta({ id: 'NewFlag' });

/** What admin publishes. */
export const events = defineEvents('admin', {
  'flag.changed': z.object({ flag: z.string(), from: z.string(), to: z.string(), author: z.string() }),
});

import { z } from 'zod';

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

import { z } from 'zod';
import { defineEvents } from '#services/kit/events/contract';

export const topicSchema = z.enum(['orders', 'account']);
export type Topic = z.infer<typeof topicSchema>;

/** A mail each time, one a day with all of them, or none. */
const modeSchema = z.enum(['each', 'daily', 'none']);
export type Mode = z.infer<typeof modeSchema>;

export const preferencesSchema = z
  .strictObject({ orders: modeSchema.default('each'), account: modeSchema.default('each') })
  .meta({ id: 'Preferences' });
export type Preferences = z.infer<typeof preferencesSchema>;

export const messageStatusSchema = z.enum(['waiting', 'held', 'sent', 'skipped', 'failed']);
export type MessageStatus = z.infer<typeof messageStatusSchema>;

/** A mail, without the address and the words: neither is kept. */
export const messageSchema = z
  .object({
    messageId: z.uuid(),
    template: z.string().meta({ example: 'order_confirmed' }),
    topic: topicSchema,
    subjectId: z.string().meta({ description: 'The order or account that it is about.' }),
    status: messageStatusSchema,
    attempts: z.number().int(),
    reason: z.string().nullable().meta({ description: 'Why it was not sent (yet).' }),
    createdAt: z.iso.datetime(),
    sentAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Message' });
export type Message = z.infer<typeof messageSchema>;

export const messageListSchema = z
  .object({ items: z.array(messageSchema), counts: z.record(messageStatusSchema, z.number().int()) })
  .meta({ id: 'MessageList' });

/** What notifications publishes. */
export const events = defineEvents('notifications', {
  'notification.sent': z.object({ messageId: z.string(), template: z.string() }),
});

import { type Kysely, type Selectable, sql } from 'kysely';
import { z } from 'zod';
import { DomainError, problemSchema } from '#services/kit/problem';
import type { Server } from '#services/kit/server';
import { readPreferences, writePreferences } from './accept.ts';
import { type Message, messageListSchema, messageSchema, messageStatusSchema, preferencesSchema } from './contract.ts';
import type { NotificationsTables } from './schema.ts';

export type NotificationsOptions = {
  db: Kysely<NotificationsTables>;
  now: () => Date;
  /** Called when something became due. */
  due: () => void;
};

const userParams = z.object({ userId: z.uuid().meta({ example: '0198f6a2-7c11-4cc0-8a4e-5f0f4f3f6c11' }) });
const listQuery = z.object({
  status: messageStatusSchema.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50).meta({ example: 50 }),
});

/** Adds the routes of notifications. */
export function addRoutes(app: Server, options: NotificationsOptions): void {
  addPreferences(app, options);
  addMessages(app, options);
}

function addPreferences(app: Server, { db }: NotificationsOptions): void {
  const tags = ['preferences'];
  const read = { params: userParams, response: { 200: preferencesSchema, 400: problemSchema } };
  app.get(
    '/users/:userId/preferences',
    { schema: { summary: 'What somebody wants to know', tags, ...read } },
    (request) => readPreferences(db, request.params.userId),
  );
  app.put(
    '/users/:userId/preferences',
    { schema: { summary: 'Says what somebody wants to know', tags, ...read, body: preferencesSchema } },
    async (request) => {
      await writePreferences(db, request.params.userId, request.body);
      return request.body;
    },
  );
}

function addMessages(app: Server, { db, now, due }: NotificationsOptions): void {
  const tags = ['messages'];
  const list = { querystring: listQuery, response: { 200: messageListSchema, 400: problemSchema } };
  app.get('/messages', { schema: { summary: 'The newest messages', tags, ...list } }, async (request) => {
    const { status, limit } = request.query;
    const rows = await db
      .selectFrom('messages')
      .selectAll()
      .$if(status !== undefined, (query) => query.where('status', '=', status ?? 'sent'))
      .orderBy('created_at', 'desc')
      .limit(limit)
      .execute();
    const counted = await db
      .selectFrom('messages')
      .select(['status', sql<number>`count(*)::int`.as('count')])
      .groupBy('status')
      .execute();
    const none = Object.fromEntries(messageStatusSchema.options.map((option) => [option, 0]));
    const counts = { ...none, ...Object.fromEntries(counted.map((row) => [row.status, row.count])) };
    return {
      items: rows.map(toMessage),
      counts: counts as Record<(typeof messageStatusSchema.options)[number], number>,
    };
  });
  const again = {
    params: z.object({ messageId: z.uuid().meta({ example: '0198f6a2-7c11-7cc0-8a4e-5f0f4f3f6c11' }) }),
    response: { 200: messageSchema, 400: problemSchema, 404: problemSchema, 409: problemSchema },
  };
  app.post(
    '/messages/:messageId/retry',
    { schema: { summary: 'Tries a message that failed once more', tags, ...again } },
    async (request) => {
      const row = await db
        .updateTable('messages')
        .set({ status: 'waiting', attempts: 0, next_attempt_at: now() })
        .where('message_id', '=', request.params.messageId)
        .where('status', '=', 'failed')
        .returningAll()
        .executeTakeFirst();
      if (row === undefined) throw new DomainError('not_failed', 409, 'There is no failed message of this id.');
      due();
      return toMessage(row);
    },
  );
}

function toMessage(row: Selectable<NotificationsTables['messages']>): Message {
  return {
    messageId: row.message_id,
    template: row.template,
    topic: row.topic,
    subjectId: row.subject_id,
    status: row.status,
    attempts: row.attempts,
    reason: row.reason,
    createdAt: row.created_at.toISOString(),
    sentAt: row.sent_at?.toISOString() ?? null,
  };
}

import { type ColumnType, type Generated, sql } from 'kysely';
import type { Migration } from '#services/kit/database';
import { type OutboxTables, outboxMigration } from '#services/kit/outbox';
import type { MessageStatus, Preferences, Topic } from './contract.ts';
import type { Template, TemplateData } from './templates.ts';

export type NotificationsTables = OutboxTables & {
  messages: {
    /** The event's id: an event makes one message. */
    message_id: string;
    topic: Topic;
    template: Template;
    subject_id: string;
    user_id: string | null;
    data: ColumnType<TemplateData, string, never>;
    status: MessageStatus;
    attempts: Generated<number>;
    reason: string | null;
    next_attempt_at: Date;
    created_at: ColumnType<Date, Date, never>;
    sent_at: Date | null;
  };
  preferences: { user_id: string; preferences: ColumnType<Preferences, string, string> };
  /** Where mails go while no mail server is named: what would have been sent, for a day. */
  mailbox: { message_id: string; recipient: string; subject: string; text: string; at: Generated<Date> };
};

const schema = `
  CREATE TABLE messages (
    message_id uuid PRIMARY KEY,
    topic text NOT NULL,
    template text NOT NULL,
    subject_id text NOT NULL,
    user_id text,
    data jsonb NOT NULL,
    status text NOT NULL CHECK (status IN ('waiting', 'held', 'sent', 'skipped', 'failed')),
    attempts integer NOT NULL DEFAULT 0,
    reason text,
    next_attempt_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    sent_at timestamptz
  );
  CREATE INDEX messages_due ON messages (next_attempt_at) WHERE status IN ('waiting', 'held');
  CREATE INDEX messages_recent ON messages (created_at DESC);
  CREATE INDEX messages_user ON messages (user_id) WHERE user_id IS NOT NULL;
  CREATE TABLE preferences (user_id text PRIMARY KEY, preferences jsonb NOT NULL);
  CREATE TABLE mailbox (
    message_id uuid PRIMARY KEY,
    recipient text NOT NULL,
    subject text NOT NULL,
    text text NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
  );
`;

export const migrations: Record<string, Migration> = {
  '0001_outbox': outboxMigration,
  '0002_messages': {
    up: async (db) => {
      await sql.raw(schema).execute(db);
    },
  },
};

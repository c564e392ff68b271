import { z } from 'zod';
import { fields } from '#process/config';
import { databaseFields, readServiceEnv, type ServiceEnv } from '#services/kit/env';

const shape = {
  ...databaseFields,
  ORDERS_URL: fields.url,
  USERS_URL: fields.url,
  /** The mail server; without one, mails are kept in the service's own mailbox and go to nobody. */
  SMTP_URL: fields.url.optional(),
  MAIL_FROM: z.string().default('Bellwether shop <shop@bellwether.example>'),
};

export type NotificationsEnv = ServiceEnv & z.infer<z.ZodObject<typeof shape>>;

/** @throws ConfigError naming every bad variable */
export function readEnv(source: Record<string, string | undefined> = process.env): NotificationsEnv {
  return readServiceEnv('notifications', shape, source);
}

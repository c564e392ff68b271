import type { Kysely } from 'kysely';
import { createTransport } from 'nodemailer';
import type { NotificationsTables } from './schema.ts';
import type { Words } from './templates.ts';

export type Mail = Words & { messageId: string; recipient: string };

/** Accepted, or why not and whether it is worth trying again. The reason names no address. */
export type Sent = { ok: true } | { ok: false; retryable: boolean; reason: string };

export type Provider = { send: (mail: Mail) => Promise<Sent>; stop: () => void };

const timeoutMs = 5_000;

/**
 * Sends through a mail server (RFC 5321): 5yz answers are for good, 4yz and broken lines for now. A mail that is sent
 * again has the same Message-ID, by which readers know it.
 */
export function createSmtpProvider({ url, from }: { url: string; from: string }): Provider {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: 2,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
  });
  return {
    send: async ({ messageId, recipient, subject, text }) => {
      try {
        await transport.sendMail({
          from,
          to: recipient,
          subject,
          text,
          messageId: `<${messageId}@bellwether.example>`,
        });
        return { ok: true };
      } catch (error) {
        return { ok: false, retryable: !isFinal(error), reason: nameReason(error) };
      }
    },
    stop: () => transport.close(),
  };
}

/** The mail server's words may repeat the address: its code alone is kept. */
function nameReason(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown';
  const code = 'responseCode' in error ? `SMTP ${error.responseCode}` : null;
  return code ?? ('code' in error ? String(error.code) : 'unknown');
}

function isFinal(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('responseCode' in error)) return false;
  return Number(error.responseCode) >= 500;
}

/** For a shop without a mail server: mails are kept where they can be looked at, and go to nobody. */
export function createMailbox(db: Kysely<NotificationsTables>): Provider {
  return {
    send: async ({ messageId, recipient, subject, text }) => {
      await db
        .insertInto('mailbox')
        .values({ message_id: messageId, recipient, subject, text })
        .onConflict((conflict) => conflict.column('message_id').doNothing())
        .execute();
      return { ok: true };
    },
    stop: () => {},
  };
}

import type { z } from 'zod';
import { UnexpectedAnswerError } from '#services/kit/downstream';
import type { Client } from '#services/kit/fetch';
import { orderContactSchema } from '#services/orders/contract';
import { accountSchema } from '#services/users/contract';
import type { Topic } from './contract.ts';

/** Finds where a message goes. Null: nobody left an address, or the account is gone. */
export type FindRecipient = (message: {
  topic: Topic;
  subjectId: string;
  userId: string | null;
}) => Promise<string | null>;

/** Addresses stay with those who own them, and are asked for when a mail goes out: here none is kept. */
export function createFindRecipient({ orders, users }: { orders: Client; users: Client }): FindRecipient {
  return async ({ topic, subjectId, userId }) => {
    if (topic === 'orders') {
      const contact = await ask(orders, `/orders/${subjectId}/contact`, orderContactSchema);
      if (contact === null || contact.email !== null) return contact?.email ?? null;
    }
    return userId === null ? null : ((await ask(users, `/users/${userId}`, accountSchema))?.email ?? null);
  };
}

async function ask<Schema extends z.ZodType>(
  client: Client,
  path: string,
  schema: Schema,
): Promise<z.infer<Schema> | null> {
  const answer = await client.get(path);
  if (answer.status === 404) return null;
  const parsed = schema.safeParse(answer.body);
  if (answer.status !== 200 || !parsed.success) throw new UnexpectedAnswerError(client.peer, answer.status);
  return parsed.data;
}

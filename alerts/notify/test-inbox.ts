import type { Outcome, Receiver } from './receiver.ts';

export type Inbox = Receiver & { keys: string[]; answers: Outcome[] };

/** A receiver that remembers what it was sent and answers as told, then ok. */
export function createInbox(name: string): Inbox {
  const keys: string[] = [];
  const answers: Outcome[] = [];
  return {
    name,
    keys,
    answers,
    send: async (_, key) => {
      keys.push(key);
      return answers.shift() ?? { ok: true };
    },
  };
}

/** Waits until something holds. @throws Error when it has not after ten seconds */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < 500; waited += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('it never came true');
}

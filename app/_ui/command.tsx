'use client';
import { Alert } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { useNow } from '#app/_live/live.tsx';

type Known = { id: string; handled: boolean; error: string | null };

type Sent =
  | { state: 'idle' }
  | { state: 'sending' }
  | { state: 'waiting'; id: string; sinceMs: number }
  | { state: 'failed'; reason: string };

export type Command = {
  send: (url: string, body: unknown) => Promise<void>;
  /** True from the click until the process that owns it has acted. */
  busy: boolean;
  failure: string | null;
  /** The owner has not acted for ten seconds. */
  slow: boolean;
};

async function post(url: string, body: unknown): Promise<{ ok: true; id: string } | { ok: false; reason: string }> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as { commandId?: string; error?: string };
    if (answer.commandId !== undefined) return { ok: true, id: answer.commandId };
    return { ok: false, reason: answer.error ?? `the console answered ${response.status}` };
  } catch {
    return { ok: false, reason: 'the console does not answer; nothing was changed. Try again.' };
  }
}

/** Sends a command and waits until it shows up as done among the commands of the live data. */
export function useCommand(known: readonly Known[]): Command {
  const [sent, setSent] = useState<Sent>({ state: 'idle' });
  const nowMs = useNow();
  const mine = sent.state === 'waiting' ? known.find(({ id }) => id === sent.id) : undefined;
  useEffect(() => {
    if (mine?.handled !== true) return;
    setSent(mine.error === null ? { state: 'idle' } : { state: 'failed', reason: mine.error });
  }, [mine]);
  return {
    send: async (url, body) => {
      setSent({ state: 'sending' });
      const answer = await post(url, body);
      setSent(
        answer.ok
          ? { state: 'waiting', id: answer.id, sinceMs: Date.now() }
          : { state: 'failed', reason: answer.reason },
      );
    },
    busy: sent.state === 'sending' || sent.state === 'waiting',
    failure: sent.state === 'failed' ? sent.reason : null,
    slow: sent.state === 'waiting' && nowMs - sent.sinceMs > 10_000,
  };
}

/** What became of a command that did not simply work. */
export function CommandOutcome({ command, owner }: { command: Command; owner: string }): ReactNode {
  if (command.failure !== null) {
    return (
      <Alert color="yellow" title="That did not work" role="alert">
        {command.failure}
      </Alert>
    );
  }
  if (!command.slow) return null;
  return (
    <Alert color="gray" title={`The ${owner} process has not answered for 10 s`} role="status">
      What you asked for is recorded and will be done when it is back. See npx bellwether status.
    </Alert>
  );
}

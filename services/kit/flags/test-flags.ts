import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Logger } from '#process/logger';
import { type Flags, openFlags } from './flags.ts';

export type TestFlags = {
  flags: Flags;
  /** Resolves when it holds. */
  set: (key: string, on: boolean) => Promise<void>;
  stop: () => Promise<void>;
};

const nobody = { sessionId: null, device: null, channel: null, userId: null };

/** For tests: flags of a file of their own, none at first. */
export async function openTestFlags(name: string, logger: Logger): Promise<TestFlags> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bellwether-flags-'));
  const file = path.join(folder, 'flags.json');
  const values: Record<string, boolean> = {};
  const write = (): void => {
    const flags = Object.entries(values).map(([key, on]) => {
      return [key, { state: 'ENABLED', variants: { on: true, off: false }, defaultVariant: on ? 'on' : 'off' }];
    });
    writeFileSync(file, JSON.stringify({ flags: Object.fromEntries(flags) }));
  };
  write();
  const flags = await openFlags({ name, env: { FLAGS_FILE: file }, logger, intervalMs: 20 });
  return {
    flags,
    set: async (key, on) => {
      values[key] = on;
      write();
      while ((await flags.isOn(key, !on, nobody)) !== on) await new Promise((resolve) => setTimeout(resolve, 10));
    },
    stop: async () => {
      await flags.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

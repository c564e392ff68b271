import { z } from 'zod';
import { parseConfig } from '#process/config';

const schema = z.object({
  /** Moves every port of the instance that the tests start. */
  E2E_PORT_OFFSET: z.coerce.number().int().min(0).max(9_000).default(6_000),
});

/** Configuration of the end-to-end tests. */
export function readEnv(source: Record<string, string | undefined> = process.env): z.infer<typeof schema> {
  return parseConfig('e2e', schema, source);
}

/** What a child process needs of this one's environment, and nothing else. */
export function inheritedEnv(source: Record<string, string | undefined> = process.env): Record<string, string> {
  const names = ['PATH', 'HOME', 'TMPDIR', 'LANG'];
  return Object.fromEntries(names.flatMap((name) => (source[name] === undefined ? [] : [[name, source[name]]])));
}

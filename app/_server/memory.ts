import { LRUCache } from 'lru-cache';

/** Reads once and gives the same answer until it is `ttlMs` old. Callers at the same time share the read; a failure is forgotten. */
export type Remember = <Value>(key: string, ttlMs: number, read: () => Promise<Value>) => Promise<Value>;

const mostAnswers = 200;

/** For what costs more to read than pages that ask every two seconds should spend. */
export function createMemory(): Remember {
  const answers = new LRUCache<string, Promise<unknown>>({ max: mostAnswers });
  return <Value>(key: string, ttlMs: number, read: () => Promise<Value>): Promise<Value> => {
    // A key belongs to one reader, which always gives the same type.
    const known = answers.get(key) as Promise<Value> | undefined;
    if (known !== undefined) return known;
    const answer = read();
    answers.set(key, answer, { ttl: ttlMs });
    answer.catch(() => answers.delete(key));
    return answer;
  };
}

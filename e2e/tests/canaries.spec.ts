import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { plantCanaries } from '../canaries/plant.ts';
import { type Find, searchStored } from '../canaries/search.ts';
import { createCanaries, formsOf } from '../canaries/values.ts';
import { instanceLocation } from '../fixtures/instance.ts';
import { expect, test } from '../fixtures/test.ts';

/** Where they are known for good reason. Everything else is a leak. */
const belongs = {
  email: [
    /^users public\.users$/,
    // A guest's address: the order's mail goes there.
    /^orders public\.order_events$/,
    // What a mail server would have been given.
    /^notifications public\.mailbox$/,
  ],
  // An order that was cut short is paid for by whoever takes it up again.
  paymentToken: [/^orders public\.order_events$/],
  card: [],
  secret: [],
};

/** Everything is sent in batches, metrics every ten seconds, and events by way of the bus. */
const arrivalMs = 25_000;

test('what customers type in the wrong places, their passwords and tokens are stored nowhere', async ({ instance }) => {
  const dataDir = readFileSync(instanceLocation, 'utf8');
  const canaries = createCanaries();
  const planted = await plantCanaries({ instance, dataDir }, canaries);
  expect(planted.routes.length).toBeGreaterThan(15);
  await delay(arrivalMs);
  const search = (value: string): Promise<Find[]> => searchStored({ instance, dataDir }, formsOf(value));
  const leaks: Record<string, Find[]> = {};
  for (const [kind, value] of Object.entries(canaries)) {
    const allowed = belongs[kind as keyof typeof belongs];
    const found = await search(value);
    // That it is found where it belongs shows that the search finds.
    if (allowed.length > 0) expect(found.map(({ where }) => where).some((where) => allowed[0]?.test(where))).toBe(true);
    leaks[kind] = found.filter(({ where }) => !allowed.some((pattern) => pattern.test(where)));
  }
  const ofIssued = await searchStored({ instance, dataDir }, planted.issued.flatMap(formsOf));
  if (ofIssued.length > 0) {
    for (const [n, value] of planted.issued.entries()) leaks[`issued ${n}`] = await search(value);
  }
  expect(Object.fromEntries(Object.entries(leaks).filter(([, finds]) => finds.length > 0))).toEqual({});
});

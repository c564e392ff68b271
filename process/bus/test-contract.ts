import { randomUUID } from 'node:crypto';
import { SpanKind, trace } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { recordSpans } from '#services/kit/recorded-spans';
import type { CloudEvent } from './cloud-event.ts';
import type { DeadLetters } from './dead-letters.ts';
import { type Bus, PoisonError } from './port.ts';

/** What a suite needs of an adapter. */
export type Subject = {
  bus: () => Bus;
  /** Another process on the same bus. */
  openBus: () => Promise<Bus>;
  deadLetters: () => DeadLetters;
  /** Everything that is connected is cut off, and the server comes back. */
  interrupt: () => Promise<void>;
};

/** Waits are for slow machines, not a measure of anything. */
const patient = { timeout: 60_000, interval: 100 };

export function newEvent(type: string, subject = 's', data: Record<string, unknown> = {}): CloudEvent {
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: '/services/test',
    type,
    subject,
    time: '2026-01-01T00:00:00.000Z',
    datacontenttype: 'application/json',
    data,
  };
}

/** What every bus promises, whatever it is made of. */
export function describeBus(subject: Subject): void {
  describeDelivery(subject);
  describeTraces(subject);
  describeFailures(subject);
}

function describeDelivery(subject: Subject): void {
  test('an event reaches every consumer of its type as it was, and nobody else', async () => {
    const [one, two, other]: CloudEvent[][] = [[], [], []];
    await subject.bus().consume({ queue: 'c.one', types: ['t.a'], handler: async (event) => void one?.push(event) });
    await subject
      .bus()
      .consume({ queue: 'c.two', types: ['t.a', 't.b'], handler: async (event) => void two?.push(event) });
    await subject
      .bus()
      .consume({ queue: 'c.other', types: ['t.c'], handler: async (event) => void other?.push(event) });
    const sent = [newEvent('t.a', 'Ünïcode', { price: 12.5, list: [null, 'a'] }), newEvent('t.b')];
    await subject.bus().publish(sent);
    await expect.poll(() => two?.length, patient).toBe(2);
    await expect.poll(() => one?.length, patient).toBe(1);
    expect(one).toEqual([sent[0]]);
    expect(two?.toSorted((a, b) => (a.type < b.type ? -1 : 1))).toEqual(sent);
    expect(other).toEqual([]);
  });

  test('instances of a consumer share its events', async () => {
    const second = await subject.openBus();
    const seen: string[] = [];
    const handler = async ({ id }: CloudEvent): Promise<void> => void seen.push(id);
    await subject.bus().consume({ queue: 'c.shared', types: ['t.shared'], handler });
    await second.consume({ queue: 'c.shared', types: ['t.shared'], handler });
    const events = Array.from({ length: 200 }, (_, index) => newEvent('t.shared', `s${index}`));
    await subject.bus().publish(events);
    await expect.poll(() => new Set(seen).size, patient).toBe(200);
    await second.stop();
  });

  test('a consumer of everything gets types that it never heard of', async () => {
    const types: string[] = [];
    const handler = async (message: unknown): Promise<void> => void types.push((message as CloudEvent).type);
    await subject.bus().consumeAll({ queue: 'c.all', retryLimit: 3, handler });
    await subject.bus().publish([newEvent('t.unheard')]);
    await expect.poll(() => types, patient).toContain('t.unheard');
  });
}

function describeTraces(subject: Subject): void {
  const spans = recordSpans();

  test('a consumer continues the trace of the change', async () => {
    spans.reset();
    await subject.bus().consume({ queue: 'c.trace', types: ['t.trace'], handler: async () => {} });
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    await subject.bus().publish([{ ...newEvent('t.trace'), traceparent: `00-${traceId}-b7ad6b7169203331-01` }]);
    const mine = () =>
      spans.getFinishedSpans().find(({ kind, name }) => kind === SpanKind.CONSUMER && name === 'process t.trace');
    await expect.poll(mine, patient).toBeDefined();
    expect(mine()?.spanContext().traceId).toBe(traceId);
    expect(trace.getActiveSpan()).toBeUndefined();
  });
}

function describeFailures(subject: Subject): void {
  test('what fails comes again until it succeeds, and holds up nobody behind it', async () => {
    const order: string[] = [];
    const bad = newEvent('t.retry', 'same');
    const handler = async ({ id }: CloudEvent): Promise<void> => {
      order.push(id);
      if (id === bad.id && order.filter((each) => each === id).length === 1) throw new Error('not yet');
    };
    await subject.bus().consume({ queue: 'c.retry', types: ['t.retry'], handler });
    const behind = Array.from({ length: 20 }, () => newEvent('t.retry', 'same'));
    await subject.bus().publish([bad, ...behind]);
    await expect.poll(() => order.filter((id) => id === bad.id).length, patient).toBe(2);
    await expect.poll(() => new Set(order).size, patient).toBe(21);
  });

  test('a poison event is dead-lettered with its reason, holds up nobody, and can be replayed', async () => {
    const handled: string[] = [];
    let mended = false;
    const poison = newEvent('t.poison', 'same', { note: 'bad' });
    const handler = async ({ id }: CloudEvent): Promise<void> => {
      if (id === poison.id && !mended) throw new PoisonError('there is no such product');
      handled.push(id);
    };
    await subject.bus().consume({ queue: 'c.poison', types: ['t.poison'], handler });
    const behind = newEvent('t.poison', 'same');
    await subject.bus().publish([poison, behind]);
    await expect.poll(() => handled, patient).toEqual([behind.id]);
    const letters = (): ReturnType<DeadLetters['list']> => subject.deadLetters().list('c.poison');
    await expect.poll(async () => (await letters()).length, patient).toBe(1);
    expect((await letters())[0]).toMatchObject({
      queue: 'c.poison',
      reason: 'there is no such product',
      attempts: 1,
      event: { id: poison.id, type: 't.poison', data: { note: 'bad' } },
    });
    expect(await subject.deadLetters().queues()).toContain('c.poison');
    mended = true;
    expect(await subject.deadLetters().replay(await letters())).toBe(1);
    await expect.poll(() => handled, patient).toEqual([behind.id, poison.id]);
    expect(await letters()).toEqual([]);
  });

  test('a server that goes away and comes back costs no event', async () => {
    const seen = new Set<string>();
    const handler = async ({ id }: CloudEvent): Promise<void> => void seen.add(id);
    await subject.bus().consume({ queue: 'c.away', types: ['t.away'], handler });
    await subject.bus().publish([newEvent('t.away')]);
    await expect.poll(() => seen.size, patient).toBe(1);
    await subject.interrupt();
    const event = newEvent('t.away');
    await expect
      .poll(
        () =>
          subject
            .bus()
            .publish([event])
            .then(() => 'taken', String),
        patient,
      )
      .toBe('taken');
    await expect.poll(() => seen.has(event.id), patient).toBe(true);
  });
}

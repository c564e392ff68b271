import { describe, expect, test } from 'vitest';
import { decideCause } from './cause.ts';
import { findCulprits } from './culprit.ts';
import { findSlowCulprits } from './slow-culprit.ts';
import { answered, call, type SpanSketch, server, sketchTrace } from './trace-builder.ts';

const route = { route: '/api/checkout', name: 'POST /api/checkout' };
const failed = { error: true, httpStatus: 502 };

function causeFor(service: string, ...sketches: SpanSketch[]) {
  const spans = sketches.flatMap((sketch, index) => sketchTrace(`t${index}`, sketch));
  return decideCause(findCulprits(spans, service), service);
}

const paymentsError = call('shoppers', 'gateway', answered(502), [
  server('gateway', { ...failed, ...route }, [
    call('gateway', 'orders', answered(502), [
      server('orders', failed, [
        call('orders', 'inventory', answered(201), [server('inventory', { httpStatus: 201 })]),
        call('orders', 'payments', answered(500), [server('payments', { error: true, httpStatus: 500 })]),
        call('orders', 'inventory', answered(200), [server('inventory', { httpStatus: 200 })]),
      ]),
    ]),
  ]),
]);

const ordersHang = call('shoppers', 'gateway', answered(504), [
  server('gateway', { error: true, httpStatus: 504, ...route }, [
    call('gateway', 'orders', { error: true, durationMs: 3_000 }),
  ]),
]);

const catalogDown = call('shoppers', 'gateway', answered(502), [
  server('gateway', { ...failed, route: '/api/products' }, [
    call('gateway', 'catalog', { error: true, durationMs: 2 }),
  ]),
]);

describe('the culprit of', () => {
  test.each(['payments', 'orders', 'gateway'])('errors in payments is payments, whoever alarms: %s', (service) => {
    expect(causeFor(service, paymentsError)).toMatchObject({
      service: 'payments',
      symptom: 'errors',
      entry: { service: 'gateway', route: '/api/checkout' },
    });
  });

  test.each(['orders', 'gateway'])('a hang in orders is the callee that never answered: %s', (service) => {
    expect(causeFor(service, ordersHang)).toMatchObject({ service: 'orders', symptom: 'no answer' });
  });

  test('a hang that the hung service has noticed itself, by a caller that left, is still no answer', () => {
    const noticed = server('gateway', { error: true, httpStatus: 504, ...route }, [
      call('gateway', 'orders', { error: true, durationMs: 3_000 }, [
        server('orders', { error: true, httpStatus: 499 }),
      ]),
    ]);
    expect(causeFor('orders', noticed)).toMatchObject({ service: 'orders', symptom: 'no answer' });
  });

  test.each(['catalog', 'gateway'])('a killed catalog is the callee that refused: %s', (service) => {
    expect(causeFor(service, catalogDown)).toMatchObject({ service: 'catalog', symptom: 'unreachable' });
  });

  test('errors in payments is payments, however often orders repeats its answer to the same checkout', () => {
    const repeated = call('shoppers', 'gateway', answered(502), [
      server('gateway', { ...failed, ...route }, [
        call('gateway', 'orders', answered(502), [server('orders', failed)]),
      ]),
    ]);
    const cause = causeFor('orders', paymentsError, repeated, repeated, repeated);
    expect(cause).toMatchObject({ service: 'payments', symptom: 'errors', votes: 1 });
    expect(causeFor('orders', repeated)).toMatchObject({ service: 'orders', votes: 0 });
  });

  test('an open breaker does not hide the errors that opened it', () => {
    const refused = server('orders', failed, [call('orders', 'payments', { error: true, durationMs: 0 })]);
    const cause = causeFor('orders', paymentsError, refused, refused, refused);
    expect(cause).toMatchObject({ service: 'payments', symptom: 'errors', votes: 4, traces: 4 });
  });

  test('a failed service is not blamed for a 4xx that it handled', () => {
    const declined = server('gateway', failed, [call('gateway', 'payments', answered(402), [server('payments', {})])]);
    expect(causeFor('gateway', declined)).toMatchObject({ service: 'gateway', symptom: 'errors' });
  });

  test('a callee that answered 5xx without a span of its own is the callee', () => {
    expect(causeFor('orders', server('orders', failed, [call('orders', 'payments', answered(503))]))).toMatchObject({
      service: 'payments',
    });
  });

  test('traces in which the service did nothing bad is nobody; the alerting service is all there is to say', () => {
    expect(causeFor('catalog', paymentsError)).toMatchObject({ service: 'catalog', symptom: 'unknown', votes: 0 });
  });
});

describe('two faults at once', () => {
  test('each alert finds its own culprit', () => {
    expect(causeFor('catalog', paymentsError, paymentsError, catalogDown).service).toBe('catalog');
    expect(causeFor('payments', paymentsError, catalogDown, catalogDown).service).toBe('payments');
  });
});

describe('slowness', () => {
  const slowInventory = server('gateway', { durationMs: 950, ...route }, [
    call('gateway', 'orders', { durationMs: 940, ...answered(201) }, [
      server('orders', { durationMs: 935 }, [
        call('orders', 'inventory', { durationMs: 900, startMs: 1_010, ...answered(201) }, [
          server('inventory', { durationMs: 890, startMs: 1_015 }),
        ]),
      ]),
    ]),
  ]);

  test.each([
    ['gateway', 300],
    ['orders', 300],
    ['inventory', 300],
  ])('is blamed on the largest time of its own, whoever alarms: %s', (service, thresholdMs) => {
    const culprits = findSlowCulprits(sketchTrace('t', slowInventory), service, thresholdMs);
    expect(decideCause(culprits, service)).toMatchObject({ service: 'inventory', symptom: 'slow' });
  });

  test('of a call whose server span never came is the callee', () => {
    const waiting = server('orders', { durationMs: 2_000 }, [
      call('orders', 'inventory', { durationMs: 1_900, error: true }),
    ]);
    expect(findSlowCulprits(sketchTrace('t', waiting), 'orders', 300)[0]?.service).toBe('inventory');
  });

  test('of parallel calls is not counted twice', () => {
    const parallel = server('gateway', { durationMs: 500 }, [
      call('gateway', 'cart', { durationMs: 200, startMs: 1_000 }, [server('cart', { durationMs: 195 })]),
      call('gateway', 'catalog', { durationMs: 200, startMs: 1_000 }, [server('catalog', { durationMs: 195 })]),
    ]);
    expect(findSlowCulprits(sketchTrace('t', parallel), 'gateway', 300)[0]?.service).toBe('gateway');
  });
});

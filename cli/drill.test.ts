import { describe, expect, it } from 'vitest';
import { noStages } from '#chaos/contract';
import { UsageError } from './command.ts';
import { parseDrillArgs } from './drill.ts';
import { type DrillReport, formatReport, isPassed } from './drill-report.ts';
import { parseFaultArgs } from './fault.ts';
import { parseLoadArgs } from './load.ts';

describe('the command line of drill', () => {
  it('leaves to chaos what was not said', () => {
    const expected = { name: 'orders-hang', limitSeconds: undefined, ttlSeconds: undefined, repeat: 1, json: false };
    expect(parseDrillArgs(['orders-hang'])).toEqual(expected);
  });

  it('reads every option', () => {
    const args = ['payments-errors', '--limit', '60s', '--ttl', '2m', '--repeat', '5', '--json'];
    const expected = { name: 'payments-errors', limitSeconds: 60, ttlSeconds: 120, repeat: 5, json: true };
    expect(parseDrillArgs(args)).toEqual(expected);
  });

  const wrong: [string[], RegExp][] = [
    [[], /which drill\? there are: gateway-errors, .*quiet/],
    [['payment-errors'], /no drill is called 'payment-errors'; there are: gateway-errors, .*payments-errors/],
    [['quiet', 'please'], /unexpected: please/],
    [['quiet', '--repeat', '0'], /whole number from 1 to 100/],
    [['orders-hang', '--ttl', 'soon'], /--ttl soon: expected a duration/],
    [['orders-hang', '--ttl', '16m'], /--ttl 16m: .* at most 900s/],
    [['orders-hang', '--limit', '3m', '--ttl', '1m'], /limit of 180 s is longer than the fault lives/],
  ];
  for (const [args, message] of wrong) {
    it(`refuses: drill ${args.join(' ')}`, () => {
      expect(() => parseDrillArgs(args)).toThrow(UsageError);
      expect(() => parseDrillArgs(args)).toThrow(message);
    });
  }
});

describe('the command line of fault', () => {
  it('reads a start with its parameters', () => {
    const args = [
      'start',
      'catalog-latency',
      '--ttl',
      '90s',
      '--share',
      '0.5',
      '--latency',
      '800ms',
      '--jitter',
      '0.1s',
    ];
    expect(parseFaultArgs(args)).toEqual({
      action: 'start',
      name: 'catalog-latency',
      ttlSeconds: 90,
      params: { share: 0.5, status: undefined, latencyMs: 800, jitterMs: 100 },
    });
  });

  it('reads the other actions', () => {
    expect(parseFaultArgs(['stop', '1a2b'])).toEqual({ action: 'stop', id: '1a2b' });
    expect(parseFaultArgs(['stop', '--all'])).toEqual({ action: 'stop-all', hold: false });
    expect(parseFaultArgs(['stop', '--all', '--hold'])).toEqual({ action: 'stop-all', hold: true });
    expect(parseFaultArgs(['release'])).toEqual({ action: 'release' });
    expect(parseFaultArgs(['list', '--json'])).toEqual({ action: 'list', json: true });
  });

  const wrong: [string[], RegExp][] = [
    [[], /expected start, stop, list or release/],
    [['start'], /start what\?/],
    [['start', 'orders-melt', '--ttl', '9s'], /there are: gateway-errors/],
    [['start', 'orders-hang'], /--ttl is mandatory/],
    [['start', 'orders-hang', '--ttl', '0'], /--ttl 0: expected a duration/],
    [['start', 'orders-hang', '--ttl', '901'], /at most 900s/],
    [['start', 'orders-hang', '--ttl', '9s', '--share', '2'], /--share 2: expected a number above 0 up to 1/],
    [['start', 'orders-hang', '--ttl', '9s', '--status', '500'], /orders-hang has no status/],
    [['stop'], /stop what\?/],
  ];
  for (const [args, message] of wrong) {
    it(`refuses: fault ${args.join(' ')}`, () => expect(() => parseFaultArgs(args)).toThrow(message));
  }
});

describe('the command line of load', () => {
  it('sends only what was said', () => {
    expect(parseLoadArgs([])).toEqual({});
    expect(parseLoadArgs(['flash-sale', '--for', '2m'])).toEqual({ mode: 'flash-sale', forSeconds: 120 });
    expect(parseLoadArgs(['--rate', '40'])).toEqual({ ratePerSecond: 40 });
  });

  for (const args of [['stampede'], ['--rate', '0'], ['--for', 'ever'], ['normal', 'now']]) {
    it(`refuses: load ${args.join(' ')}`, () => expect(() => parseLoadArgs(args)).toThrow(UsageError));
  }
});

describe('the report of a drill', () => {
  const report: DrillReport = {
    drill: 'payments-errors',
    verdict: 'hit',
    reason: 'accepted 6.5 s after the injection',
    detectionSeconds: 6.5,
    stages: {
      ...noStages,
      injected: '2026-11-23T08:00:00.000Z',
      stored: '2026-11-23T08:00:01.250Z',
      accepted: '2026-11-23T08:00:06.500Z',
    },
    page: { summary: 'Payments fail.', service: 'payments', slo: 'payments/availability', faultId: 'f' },
  };

  it('shows each moment with the time since the injection and the time of the stage', () => {
    const text = formatReport(report);
    expect(text).toMatch(/payments-errors: HIT/);
    expect(text).toMatch(/fault injected +08:00:00\.000 +0\.0 s\n/);
    expect(text).toMatch(/stored +08:00:01\.250 +1\.3 s +1\.3 s\n/);
    expect(text).toMatch(/page accepted +08:00:06\.500 +6\.5 s +5\.3 s$/);
    expect(text).not.toMatch(/resolved/);
  });

  it('is passed only by hit and silent', () => {
    const verdicts = ['hit', 'silent', 'late', 'wrong service', 'missed', 'noisy', 'refused', 'cancelled'];
    expect(verdicts.filter((verdict) => isPassed({ ...report, verdict }))).toEqual(['hit', 'silent']);
  });
});

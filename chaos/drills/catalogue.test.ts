import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { serviceNames } from '#services/topology';
import { findFault } from '../faults/catalogue.ts';
import { type DrillTimes, drills, findDrill, resolveTimes } from './catalogue.ts';

function readSloNames(service: string): string[] {
  const file = path.resolve(import.meta.dirname, '../../services', service, 'slo.yaml');
  const documents = parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS());
  return documents.map((document) => document.metadata.name);
}

describe('every drill', () => {
  for (const drill of drills.filter((entry) => entry.kind === 'page')) {
    it(`${drill.name} injects a fault of the catalogue into the service that its page must name`, () => {
      expect(findFault(drill.fault).target).toBe(drill.service);
      expect(drill.slos.map((slo) => slo.split('/')[0])).toContain(drill.service);
    });

    it(`${drill.name} accepts only pages by SLOs that services declare`, () => {
      const declared = serviceNames.flatMap((service) => readSloNames(service).map((name) => `${service}/${name}`));
      expect(declared).toEqual(expect.arrayContaining([...drill.slos]));
    });
  }

  it.each(serviceNames)('there is one that makes %s fail', (service) => {
    expect(findDrill(`${service}-errors`)).toMatchObject({ kind: 'page', service });
  });

  it('follows a failure up to the customer', () => {
    expect(findDrill('payments-errors')).toMatchObject({
      description: 'payments fails most requests; so do orders, gateway, reviews, notifications, admin, storefront',
      slos: [
        'payments/availability',
        'orders/availability',
        'gateway/availability',
        'reviews/availability',
        'notifications/availability',
        'admin/availability',
        'storefront/availability',
        'gateway/checkout-success',
      ],
    });
  });

  it('is found by name, and an unknown one lists the others', () => {
    expect(() => findDrill('payment-errors')).toThrow(
      /payments-errors, inventory-errors, .*, inventory-latency, catalog-kill, orders-hang, quiet/,
    );
  });
});

describe('times of a drill', () => {
  const table: [string, string, Partial<DrillTimes>, DrillTimes][] = [
    ['a minute to the page', 'orders-hang', {}, { limitSeconds: 60, ttlSeconds: 120, flashSale: false }],
    ['a longer limit', 'orders-hang', { limitSeconds: 300 }, { limitSeconds: 300, ttlSeconds: 600, flashSale: false }],
    ['a short fault', 'orders-hang', { ttlSeconds: 30 }, { limitSeconds: 30, ttlSeconds: 30, flashSale: false }],
    [
      'never over 15 min',
      'orders-hang',
      { limitSeconds: 800 },
      { limitSeconds: 800, ttlSeconds: 900, flashSale: false },
    ],
    ['15 minutes of quiet', 'quiet', {}, { limitSeconds: 900, ttlSeconds: 900, flashSale: true }],
    ['a short quiet', 'quiet', { limitSeconds: 60 }, { limitSeconds: 60, ttlSeconds: 60, flashSale: false }],
  ];
  for (const [title, name, given, times] of table) {
    it(title, () => expect(resolveTimes(findDrill(name), given)).toEqual(times));
  }

  it('refuses a limit beyond the end of the fault', () => {
    expect(() => resolveTimes(findDrill('orders-hang'), { limitSeconds: 60, ttlSeconds: 30 })).toThrow(/longer than/);
  });
});

import { expect, it } from 'vitest';
import type { ReportedCharge } from './ask-acquirer.ts';
import { compare, mendOf, type Ours } from './compare.ts';

const payment: Ours = {
  ...{ paymentId: 'pay_1', orderId: null, amountMinor: 500, currency: 'EUR', declineReason: null, refundedMinor: 0 },
  challengeToken: null,
  ...{ status: 'captured', expiresAt: null, settledAt: null, dispute: null },
};
const charge: ReportedCharge = { key: 'pay_1', state: 'captured', amountMinor: 500, refundedMinor: 0 };

it.each<[Partial<Ours> | null, Partial<ReportedCharge> | null, string | null, string | null]>([
  [{}, {}, null, null],
  [{}, null, 'missing_there', null],
  [{}, { state: 'held' }, 'state', null],
  [{}, { amountMinor: 400 }, 'amount', null],
  [{}, { refundedMinor: 100 }, 'amount', null],
  [{ refundedMinor: 100 }, { refundedMinor: 100 }, null, null],
  [{ status: 'refunded' }, { refundedMinor: 500 }, null, null],
  [{ status: 'refunded' }, { refundedMinor: 0 }, 'amount', null],
  [{ status: 'challenged' }, { state: 'challenged' }, null, null],
  [{ status: 'challenged' }, { state: 'held' }, 'state', null],
  [{ status: 'authorised' }, { state: 'held' }, null, null],
  [{ status: 'authorised' }, { state: 'captured' }, 'state', null],
  [{ status: 'authorised' }, null, 'missing_there', null],
  [{ status: 'expired' }, { state: 'held' }, null, null],
  [{ status: 'capturing' }, { state: 'captured' }, 'state', 'captured'],
  [{ status: 'capturing' }, { state: 'held' }, 'state', null],
  [{ status: 'capturing' }, { state: 'voided' }, 'state', null],
  [{ status: 'voiding' }, { state: 'voided' }, 'state', 'voided'],
  [{ status: 'voiding' }, { state: 'declined' }, 'state', 'declined'],
  [{ status: 'voiding' }, { state: 'captured' }, 'state', null],
  [{ status: 'pending' }, { state: 'held' }, 'state', null],
  [{ status: 'pending' }, { state: 'declined' }, 'state', 'declined'],
  [{ status: 'pending' }, null, null, null],
  [{ status: 'voided' }, null, null, null],
  [{ status: 'voided' }, { state: 'captured' }, 'state', null],
  [{ status: 'declined' }, { state: 'declined' }, null, null],
  [null, { state: 'held' }, 'missing_here', null],
  [null, { state: 'captured' }, 'missing_here', null],
  [null, { state: 'voided' }, null, null],
])('%j here and %j there: differ by %s, mended to %s', (ours, theirs, kind, target) => {
  const both = [ours && { ...payment, ...ours }, theirs && { ...charge, ...theirs }] as const;
  expect(compare(both[0] ?? undefined, both[1] ?? undefined)).toBe(kind);
  expect(mendOf(both[0] ?? undefined, both[1] ?? undefined)).toBe(target);
});

import type { ReportedCharge } from './ask-acquirer.ts';
import type { Payment } from './contract.ts';
import type { Target } from './lifecycle.ts';

export type DifferenceKind = 'missing_here' | 'missing_there' | 'amount' | 'state';
export type Ours = Payment & { refundedMinor: number };

/** What the bank has of a payment that is in a state; `null`: it need not have heard of it. */
const theirsFor: Record<Payment['status'], readonly (ReportedCharge['state'] | null)[]> = {
  pending: [null],
  challenged: ['challenged'],
  authorised: ['held'],
  declined: ['declined'],
  capturing: [],
  captured: ['captured'],
  voiding: [],
  voided: ['voided', 'declined', null],
  // It lets go by itself.
  expired: ['held', 'voided'],
  refunded: ['captured'],
};

/** How a payment differs from what the acquirer reports; null when both agree. */
export function compare(ours: Ours | undefined, theirs: ReportedCharge | undefined): DifferenceKind | null {
  if (ours === undefined) return theirs?.state === 'held' || theirs?.state === 'captured' ? 'missing_here' : null;
  if (!theirsFor[ours.status].includes(theirs?.state ?? null)) return theirs === undefined ? 'missing_there' : 'state';
  if (theirs?.state !== 'captured') return null;
  const refundedMinor = ours.status === 'refunded' ? ours.amountMinor : ours.refundedMinor;
  return theirs.amountMinor === ours.amountMinor && theirs.refundedMinor === refundedMinor ? null : 'amount';
}

/**
 * The state into which a payment may safely be brought after the acquirer's books: what we had asked for ourselves, and
 * only never heard the answer to. Null when a person has to look.
 */
export function mendOf(ours: Ours | undefined, theirs: ReportedCharge | undefined): Target | null {
  if (ours?.status === 'capturing' && theirs?.state === 'captured') return 'captured';
  if (ours?.status === 'voiding' || ours?.status === 'pending') {
    if (theirs?.state === 'voided' || theirs?.state === 'declined') return theirs.state;
  }
  return null;
}

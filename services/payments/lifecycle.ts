import type { PaymentStatus } from './contract.ts';

/**
 * From where a payment gets into a state. `capturing` and `voiding` are intents, written before the acquirer is asked:
 * a payment that is on its way to one end never sets out for the other.
 */
export const sources = {
  challenged: ['pending'],
  authorised: ['pending', 'challenged'],
  declined: ['pending', 'challenged', 'voiding'],
  capturing: ['authorised'],
  captured: ['capturing'],
  voiding: ['pending', 'challenged', 'authorised'],
  voided: ['pending', 'challenged', 'voiding'],
  expired: ['authorised', 'capturing'],
  refunded: ['captured', 'voiding'],
} as const satisfies Partial<Record<PaymentStatus, readonly PaymentStatus[]>>;

export type Target = keyof typeof sources;

/** What the others are told of a state that has been reached; intents are nobody else's business. */
export const announcements = {
  challenged: null,
  authorised: 'payment.authorised',
  declined: 'payment.declined',
  capturing: null,
  captured: 'payment.captured',
  voiding: null,
  voided: 'payment.voided',
  expired: 'payment.voided',
  refunded: 'payment.refunded',
} as const satisfies Record<Target, string | null>;

/** Whether the bank said yes to a payment, and nothing has been undone since. */
export function stands(status: PaymentStatus): boolean {
  return status === 'authorised' || status === 'capturing' || status === 'captured';
}

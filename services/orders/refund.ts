import { DomainError } from '#services/kit/problem';
import { type OrderEvent, type OrderState, refundedMinorOf } from './order.ts';

export type RefundRequest = { refundId: string; amountMinor?: number | undefined; by: string; note: string };

/**
 * The event by which money of a confirmed order is given back; undefined when this refund was asked for before.
 * @throws DomainError 409 `not_refundable`, 422 `refund_differs` or `refund_too_large`
 */
export function requestRefund(state: OrderState, request: RefundRequest): OrderEvent | undefined {
  const { refundId, amountMinor, by, note } = request;
  const earlier = [...state.refunds, ...(state.refund === null ? [] : [state.refund])];
  const same = earlier.find((refund) => refund.refundId === refundId);
  if (same !== undefined) {
    if (amountMinor === undefined || amountMinor === same.amountMinor) return undefined;
    throw new DomainError('refund_differs', 422, `This refund is one of ${same.amountMinor} already.`);
  }
  const leftMinor = state.placed.totalMinor - refundedMinorOf(state);
  if (state.outcome !== 'confirmed' || state.refund !== null || leftMinor === 0) {
    throw new DomainError('not_refundable', 409, 'There is nothing to give back, or another refund is under way.');
  }
  const amount = amountMinor ?? leftMinor;
  if (amount > leftMinor) {
    throw new DomainError('refund_too_large', 422, `No more than ${leftMinor} is left to give back.`, { leftMinor });
  }
  return { type: 'refund_requested', data: { refundId, amountMinor: amount, by, note } };
}

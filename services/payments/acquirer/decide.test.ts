import { describe, expect, it } from 'vitest';
import { chargeDelayMs, decideCharge, decideDispute } from './decide.ts';

describe('decideCharge', () => {
  it.each([
    ['tok_ok_visa', { outcome: 'approved' }],
    ['tok_declined', { outcome: 'declined', reason: 'card_declined' }],
    ['tok_insufficient_1', { outcome: 'declined', reason: 'insufficient_funds' }],
    ['tok_expired_1', { outcome: 'declined', reason: 'card_expired' }],
    ['tok_challenge_1', { outcome: 'challenge' }],
  ])('answers %s as the token says', (token, decision) => {
    expect(decideCharge({ key: 'pay_1', token })).toEqual(decision);
  });

  it('declines about 2 % of ordinary charges, and a key always alike', () => {
    const keys = Array.from({ length: 10_000 }, (_, index) => `pay_${index}`);
    const declined = keys.filter((key) => decideCharge({ key, token: 'tok_visa' }).outcome === 'declined');
    expect(declined.length).toBeGreaterThan(130);
    expect(declined.length).toBeLessThan(280);
    expect(keys.filter((key) => decideCharge({ key, token: 'tok_visa' }).outcome === 'declined')).toEqual(declined);
  });

  it('challenges about 3 % of them', () => {
    const keys = Array.from({ length: 10_000 }, (_, index) => `pay_${index}`);
    const challenged = keys.filter((key) => decideCharge({ key, token: 'tok_visa' }).outcome === 'challenge');
    expect(challenged.length).toBeGreaterThan(220);
    expect(challenged.length).toBeLessThan(380);
  });

  it.each([
    ['tok_ok_visa', null],
    ['tok_ok_disputed_won', 'won'],
    ['tok_ok_disputed_lost', 'lost'],
  ])('knows how a dispute about %s ends: %s', (token, outcome) => {
    expect(decideDispute({ key: 'pay_1', token })).toBe(outcome);
  });

  it('has the shop lose about 40 % of the other disputes, and of a key always alike', () => {
    const ends = (): (string | null)[] =>
      Array.from({ length: 10_000 }, (_, index) => decideDispute({ key: `pay_${index}`, token: 'tok_ok_disputed' }));
    const lost = ends().filter((end) => end === 'lost').length;
    expect(lost).toBeGreaterThan(3_800);
    expect(lost).toBeLessThan(4_200);
    expect(ends()).toEqual(ends());
  });

  it('takes 20 to 80 ms', () => {
    expect([0, 0.5, 1].map((random) => chargeDelayMs(() => random))).toEqual([20, 50, 80]);
  });
});

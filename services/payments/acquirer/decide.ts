import { createHash } from 'node:crypto';

export type Decision = { outcome: 'approved' | 'challenge' } | { outcome: 'declined'; reason: string };

/** Share of ordinary charges that a bank refuses. */
const declinedShare = 0.02;

/** Share of ordinary charges of which a bank asks its customer first. */
const challengedShare = 0.03;

/**
 * What the bank says to a charge: by the token's prefix where that names an outcome, else 2 % are declined and 3 % challenged. The same
 * key always gets the same answer.
 */
export function decideCharge({ key, token }: { key: string; token: string }): Decision {
  if (token.startsWith('tok_declined')) return { outcome: 'declined', reason: 'card_declined' };
  if (token.startsWith('tok_insufficient')) return { outcome: 'declined', reason: 'insufficient_funds' };
  if (token.startsWith('tok_expired')) return { outcome: 'declined', reason: 'card_expired' };
  if (token.startsWith('tok_ok')) return { outcome: 'approved' };
  if (token.startsWith('tok_challenge')) return { outcome: 'challenge' };
  const share = shareOf(key);
  if (share < declinedShare) return { outcome: 'declined', reason: 'card_declined' };
  return { outcome: share < declinedShare + challengedShare ? 'challenge' : 'approved' };
}

/** Share of disputes that the shop has no answer to. */
const lostShare = 0.4;

/**
 * Whether the customer will have their bank ask for the money back, and who is held to be right: by the token's prefix
 * where that says so, else 40 % are lost. Null: they will not.
 */
export function decideDispute({ key, token }: { key: string; token: string }): 'won' | 'lost' | null {
  if (!token.startsWith('tok_ok_disputed')) return null;
  if (token.startsWith('tok_ok_disputed_lost')) return 'lost';
  if (token.startsWith('tok_ok_disputed_won')) return 'won';
  return shareOf(`dispute ${key}`) < lostShare ? 'lost' : 'won';
}

/** A number in [0, 1) that looks random but belongs to the key. */
function shareOf(key: string): number {
  return createHash('sha256').update(key).digest().readUInt32BE(0) / 2 ** 32;
}

/** How long the bank takes: 20 to 80 ms. */
export function chargeDelayMs(random: () => number): number {
  return 20 + 60 * random();
}

import { applyEvent, foldOrder, type OrderState, type RecordedEvent, type SagaCall } from './order.ts';
import { ConcurrentAppendError, type SagaPorts } from './run-saga.ts';
import type { SagaAnswer } from './saga.ts';

export const base: OrderState = foldOrder('0198f6a2-7c11-4cc0-8a4e-5f0f4f3f6c11', [
  {
    type: 'placed',
    version: 1,
    atMs: 0,
    data: {
      ...{
        cartId: 'cart-1',
        sessionId: null,
        device: null,
        channel: null,
        userId: null,
        email: null,
        paymentToken: 'tok_ok',
      },
      ...{ totalMinor: 5_000, currency: 'EUR', lines: [] },
    },
  },
]);

/** Orders, a bank and a warehouse in memory, where every call and every append can be cut off before or after it acts. */
export class World {
  log: RecordedEvent[] = [];
  held = 0;
  charged = 0;
  voided = false;
  refunded = 0;
  stock: 'none' | 'held' | 'committed' | 'released' = 'none';
  private cuts: Cut[];

  constructor(cuts: readonly Cut[]) {
    this.cuts = [...cuts];
    this.log.push({ type: 'placed', version: 1, atMs: 0, data: base.placed });
  }

  cut(cuts: readonly Cut[]): void {
    this.cuts = [...cuts];
  }

  state(): OrderState {
    return foldOrder(base.orderId, this.log);
  }

  ports(): SagaPorts {
    return {
      now: () => 0,
      load: async () => this.state(),
      append: async (state, events) => {
        const cut = this.cuts.shift();
        if (cut === 'before') throw new Error('killed before the append');
        if (state.version !== this.log.length) throw new ConcurrentAppendError();
        events.forEach((event, index) => {
          this.log.push({ ...event, version: state.version + 1 + index, atMs: 0 });
        });
        if (cut === 'after') throw new Error('killed after the append');
        return this.log.slice(state.version).reduce(applyEvent, state);
      },
      ask: async (call) => {
        const cut = this.cuts.shift();
        if (cut === 'before') throw new Error('killed before the call');
        if (cut === 'unreachable') return { call, result: 'failed' };
        const answer = this.act(call);
        if (cut === 'after') throw new Error('killed after the call');
        return cut === 'answer lost' ? { call, result: 'failed' } : answer;
      },
    };
  }

  private act(call: SagaCall): SagaAnswer {
    switch (call) {
      case 'reserve':
        if (this.stock === 'released') return { call, result: 'lost' };
        this.stock = 'held';
        return { call, result: 'reserved', expiresAt: '' };
      case 'pay':
        if (this.voided) return { call, result: 'failed' };
        this.held = 1;
        return { call, result: 'authorised' };
      case 'commit':
        if (this.stock !== 'held' && this.stock !== 'committed') return { call, result: 'lost' };
        this.stock = 'committed';
        return { call, result: 'done' };
      case 'capture':
        if (this.voided) return { call, result: 'failed' };
        this.held = 0;
        this.charged = 1;
        return { call, result: 'done' };
      case 'refund':
        if (this.charged === 1) this.refunded = 1;
        this.held = 0;
        this.voided = true;
        return { call, result: 'done' };
      case 'release':
        this.stock = 'released';
        return { call, result: 'done' };
      case 'give_back':
        this.refunded = 1;
        return { call, result: 'done' };
    }
  }
}

/** Options of a first attempt. */
export const first = { attempt: 0, lastAttempt: 40, finishWithinMs: 60_000 };
export const cuts = ['none', 'before', 'after', 'unreachable', 'answer lost'] as const;
type Cut = (typeof cuts)[number];

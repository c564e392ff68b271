/**
 * One of the shops that take turns: an instance of its own and its visitors, told by the parent's messages what to do.
 * Everything that belongs to it descends from this process, so that it can be stopped and go on as a whole.
 */
import { once } from 'node:events';
import { openInstance, setLoad } from '../instance.ts';
import { observe } from '../shop/step.ts';
import { defaultLoad, variants } from '../shop/variants.ts';
import { startVisitors } from '../shop/visitors.ts';

export type Order = { observeSeconds: number } | 'end';

const [variant = 'usual'] = process.argv.slice(2);
const bench = await openInstance(variants[variant] ?? {}, { own: true });
await setLoad({ ratePerSecond: 0, mode: 'normal' });
const visitors = startVisitors({ gatewayUrl: bench.instance.gatewayUrl, seed: 1 });
visitors.setRate(defaultLoad);
process.send?.('ready');
const left = once(process, 'disconnect').then((): [Order] => ['end']);
try {
  for (;;) {
    const [order] = (await Promise.race([once(process, 'message'), left])) as [Order];
    if (order === 'end') break;
    process.send?.(await observe(bench, visitors, order.observeSeconds));
  }
} finally {
  await visitors.stop();
  await bench.stop();
  if (process.connected) process.disconnect();
}

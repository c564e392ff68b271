/**
 * One of the shops that take turns: an instance of its own and its visitors, told by the parent's messages what to do.
 * Everything that belongs to it descends from this process, so that it can be stopped and go on as a whole.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openInstance, setLoad } from '../instance.ts';
import { observe } from '../shop/step.ts';
import { defaultLoad, parseVariants, sideVariants, variants } from '../shop/variants.ts';
import { startVisitors } from '../shop/visitors.ts';

export type Order = { observeSeconds: number } | 'end';

const [variant = 'usual'] = parseVariants(process.argv[2] ?? '', sideVariants);
const env = variant === 'telemetry-elsewhere' ? await openSink() : variants[variant];
const bench = await openInstance(env, { own: true });
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

/** Stands for a store on another machine: takes all telemetry and keeps none. */
async function openSink(): Promise<{ SHOP_OTLP_ENDPOINT: string }> {
  const server = createServer((request, response) => {
    request.resume();
    // An empty message of protobuf: all was taken.
    request.once('end', () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end());
  });
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  return { SHOP_OTLP_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

import { setTimeout as delay } from 'node:timers/promises';
import { createRegistry } from '#process/health';
import { createLogger } from '#process/logger';
import { runMain } from '#process/shutdown';
import { createClient } from '#services/kit/fetch';
import { runService } from '#services/kit/run';
import { createServer } from '#services/kit/server';
import { addRoutes } from './app.ts';
import { readEnv, type ShoppersEnv } from './env.ts';
import { crawlerShare, effectiveRate, isFlashSale, type Load } from './load.ts';
import { createMeasures } from './measures.ts';
import { crawlRequests, planCrawl } from './plan-crawl.ts';
import { averageSession, planSession } from './plan-session.ts';
import { createRandom } from './random.ts';
import { visitShop } from './shopper.ts';
import { type StaffOptions, startStaff } from './staff.ts';
import { startTraffic, type Traffic } from './traffic.ts';
import { startWindowShoppers } from './window-shoppers.ts';

const name = 'shoppers';

/** Pages of the storefront, for each request at the gateway on an ordinary day; and so many a second at most, since each asks for several. */
const pages = { perRequest: 0.1, mostPerSecond: 2 };

// People do not have circuit breakers: they come whatever happened to the one before.
const asPeopleDo = { timeoutMs: 5_000, retries: 0, breaker: 'none' } as const;

runMain(name, async () => {
  const env = readEnv();
  const logger = createLogger(name);
  const registry = createRegistry(name);
  let load: Load = { ratePerSecond: env.SHOPPERS_RATE, flashSale: null };
  let traffic: Traffic | undefined;
  let crawlers: Traffic | undefined;
  let stopping = false;
  const measures = createMeasures(registry, () => traffic?.active() ?? 0);
  const gateway = createClient({ ...{ peer: 'gateway', baseUrl: env.GATEWAY_URL }, ...asPeopleDo });
  const core = env.SHOPPERS_CORE;
  const average = averageSession({ core });
  let visits = 0;

  async function openDoors(): Promise<void> {
    while (!stopping && !(await isReady(env.GATEWAY_URL))) await delay(250);
    if (stopping) return;
    logger.info({ ratePerSecond: load.ratePerSecond }, 'the gateway is ready: shoppers come');
    traffic = startTraffic({
      visitsPerSecond: () => effectiveRate(load, Date.now()) / average.requests,
      nextPlan: () => {
        visits += 1;
        return planSession(createRandom(env.SHOPPERS_SEED + visits), {
          ...{ core, flashSale: isFlashSale(load, Date.now()) },
        });
      },
      visit: (plan, signal) => visitShop({ gateway, ...measures }, plan, signal),
      random: createRandom(env.SHOPPERS_SEED),
      now: () => performance.now(),
      maxVisits: 400,
      onShed: measures.onShed,
    });
    const crawlSeed = createRandom(env.SHOPPERS_SEED + 2);
    crawlers = startTraffic({
      visitsPerSecond: () => (load.ratePerSecond * crawlerShare) / crawlRequests,
      nextPlan: () => planCrawl(crawlSeed),
      visit: (plan, signal) => visitShop({ gateway, ...measures }, plan, signal),
      random: createRandom(env.SHOPPERS_SEED + 3),
      now: () => performance.now(),
      maxVisits: 20,
      onShed: measures.onShed,
    });
  }

  const server = await createServer({
    ...{ name, description: 'People who look and buy.', version: '1.0.0', logger, registry },
    readiness: () => (traffic === undefined ? { ready: false, reason: 'waiting for the gateway' } : { ready: true }),
    chaos: { enabled: false, token: '' },
  });
  const write = (changed: Load): void => {
    load = changed;
    logger.info(load, 'load changed');
  };
  addRoutes(server, { read: () => load, write, now: Date.now });
  const opening = openDoors();
  const storefront = createClient({ ...{ peer: 'storefront', baseUrl: env.STOREFRONT_URL }, ...asPeopleDo });
  const closeWindows = startWindowShoppers({
    storefront,
    viewsPerSecond: () =>
      core || traffic === undefined ? 0 : Math.min(pages.mostPerSecond, pages.perRequest * load.ratePerSecond),
    random: createRandom(env.SHOPPERS_SEED + 1),
  });
  const sendStaffHome = startStaff({ intervalMs: 500, screens: core ? [] : listScreens(env) });
  const stop = async (): Promise<void> => {
    stopping = true;
    closeWindows();
    await sendStaffHome();
    await opening;
    await Promise.all([traffic?.stop(), crawlers?.stop()]);
  };
  await runService({ server, env, logger, stop: [stop] });
});

function listScreens(env: ShoppersEnv): StaffOptions['screens'] {
  const client = (peer: string, baseUrl: string) =>
    createClient({ peer, baseUrl, timeoutMs: 2_000, retries: 0, breaker: 'none' });
  return [
    { client: client('analytics', env.ANALYTICS_URL), path: '/summary' },
    { client: client('notifications', env.NOTIFICATIONS_URL), path: '/messages?limit=20' },
    {
      client: client('admin', env.ADMIN_URL),
      path: '/admin/audit?limit=20',
      headers: { authorization: `Bearer ${env.ADMIN_TOKEN}` },
    },
  ];
}

async function isReady(gatewayUrl: string): Promise<boolean> {
  try {
    const answer = await fetch(new URL('/readyz', gatewayUrl), { signal: AbortSignal.timeout(1_000) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}

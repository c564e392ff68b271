import { setTimeout as delay } from 'node:timers/promises';
import { createRegistry } from '#process/health';
import { createLogger } from '#process/logger';
import { runMain } from '#process/shutdown';
import { type Client, createClient } from '#services/kit/fetch';
import { runService } from '#services/kit/run';
import { createServer } from '#services/kit/server';
import { addRoutes } from './app.ts';
import { readEnv, type ShoppersEnv } from './env.ts';
import { crawlerShare, effectiveRate, isFlashSale, type Load, partnerShare } from './load.ts';
import { createMeasures, type Measures } from './measures.ts';
import { createPartner } from './partner.ts';
import { crawlRequests, planCrawl } from './plan-crawl.ts';
import { feedRequests, planFeed } from './plan-feed.ts';
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
  let programs: (Traffic | undefined)[] = [];
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
    const deps = { gateway, measures, ratePerSecond: () => load.ratePerSecond };
    programs = [startCrawlers(env, deps), startPartners(env, deps)];
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
    await Promise.all([traffic, ...programs].map((each) => each?.stop()));
  };
  await runService({ server, env, logger, stop: [stop] });
});

type ProgramDeps = { gateway: Client; measures: Measures; ratePerSecond: () => number };

function startCrawlers(
  { SHOPPERS_SEED: seed }: ShoppersEnv,
  { gateway, measures, ratePerSecond }: ProgramDeps,
): Traffic {
  const random = createRandom(seed + 2);
  return startTraffic({
    visitsPerSecond: () => (ratePerSecond() * crawlerShare) / crawlRequests,
    nextPlan: () => planCrawl(random),
    visit: (plan, signal) => visitShop({ gateway, ...measures }, plan, signal),
    random: createRandom(seed + 3),
    now: () => performance.now(),
    maxVisits: 20,
    onShed: measures.onShed,
  });
}

/** None where there are no accounts to register them, or no secret of theirs. */
function startPartners(env: ShoppersEnv, { gateway, measures, ratePerSecond }: ProgramDeps): Traffic | undefined {
  const { PARTNER_CLIENT_ID: clientId, PARTNER_CLIENT_SECRET: secret, SHOPPERS_SEED: seed } = env;
  if (env.SHOPPERS_CORE || secret === undefined) return undefined;
  const random = createRandom(seed + 4);
  const partner = createPartner({
    ...{ gateway, clientId, secret, random: createRandom(seed + 5), now: Date.now },
    onRequest: measures.onRequest,
    sleep: (ms, signal) => delay(ms, undefined, { signal }),
  });
  return startTraffic({
    visitsPerSecond: () => (ratePerSecond() * partnerShare) / feedRequests,
    nextPlan: () => planFeed(random),
    visit: partner.readFeed,
    random: createRandom(seed + 6),
    now: () => performance.now(),
    // While they have to wait, the readings that do not begin are made good by the next.
    maxVisits: 4,
    onShed: measures.onShed,
  });
}

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

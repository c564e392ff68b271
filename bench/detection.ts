import { divergence } from '#alerts/detectors/e-process';
import { createRatioDetector } from '#alerts/detectors/ratio';
import {
  createRandom,
  drawSecond,
  measureDelay,
  type Scenario,
  type Watcher,
  watchBurnRates,
  watchWithDetector,
} from './detection-simulation.ts';
import { median, writeReport } from './report.ts';

const objectives = [0.99, 0.995, 0.999];
const rates = [1, 10, 100];
const shares = [1, 0.5, 0.2];
/** An installation with ten SLOs and one false alarm in 30 days. */
const promisedSeconds = 10 * 30 * 86_400;
const limitSeconds = 6 * 3_600;
const runs = 40;
const badBefore = 0.001;

type Result = Scenario & {
  objective: number;
  boundSeconds: number;
  detector: Delays;
  withoutFloor: Delays;
  burnRates: Delays;
  timesBound: number;
  timesFaster: number;
};

type Delays = { median: number; mean: number; p95: number; missed: number };

const results = listScenarios().map(runScenario);
const falseAlarms = countFalseAlarms();
const slowPeers = results.filter(({ burnRates }) => burnRates.median >= 300);
const summary = {
  promisedSeconds,
  runsPerScenario: runs,
  worstTimesBound: Math.max(...results.map(({ timesBound }) => timesBound)),
  medianTimesBound: median(results.map(({ timesBound }) => timesBound)),
  medianTimesFasterWherePeerNeedsFiveMinutes: median(slowPeers.map(({ timesFaster }) => timesFaster)),
  falseAlarms,
};
console.table(
  results.map(
    ({ objective, eventsPerSecond, badDuring, boundSeconds, withoutFloor, detector, burnRates, timesBound }) => ({
      objective,
      'events/s': eventsPerSecond,
      bad: badDuring,
      'bound s': boundSeconds,
      'no floor, mean s': withoutFloor.mean,
      '× bound': timesBound,
      'detector, median s': detector.median,
      'p95 s': detector.p95,
      'burn rates, median s': burnRates.median,
    }),
  ),
);
console.log(summary);
console.log(writeReport('detection', { summary, results }));

function listScenarios(): (Scenario & { objective: number })[] {
  return objectives.flatMap((objective) =>
    rates.flatMap((eventsPerSecond) =>
      shares
        .filter((badDuring) => badDuring > createRatioDetector({ objective, promisedSeconds }).nullRatio)
        .map((badDuring) => ({ objective, eventsPerSecond, badBefore, badDuring })),
    ),
  );
}

function runScenario(scenario: Scenario & { objective: number }): Result {
  const { objective, eventsPerSecond, badDuring } = scenario;
  const { nullRatio } = createRatioDetector({ objective, promisedSeconds });
  // Of Poisson traffic: nats per second. No test with this promise has a smaller mean delay (Lorden 1971).
  const natsPerSecond = eventsPerSecond * divergence(badDuring, nullRatio);
  const boundSeconds = Math.ceil(Math.log(promisedSeconds) / natsPerSecond);
  const withoutFloor = measure(scenario, () => watchWithDetector(objective, promisedSeconds, false));
  const detector = measure(scenario, () => watchWithDetector(objective, promisedSeconds, true));
  const burnRates = measure(scenario, () => watchBurnRates(objective, { eventsPerSecond, badShare: badBefore }));
  return {
    ...scenario,
    boundSeconds,
    detector,
    withoutFloor,
    burnRates,
    timesBound: round(withoutFloor.mean / boundSeconds),
    timesFaster: round(burnRates.median / detector.median),
  };
}

function measure(scenario: Scenario, watch: () => Watcher): Delays {
  // The same seeds for every watcher: they see the same traffic.
  const delays = Array.from({ length: runs }, (_, seed) =>
    measureDelay(watch(), scenario, createRandom(1_000 + seed), limitSeconds),
  );
  const found = delays.flatMap((delay) => (delay === null ? [] : [delay])).sort((a, b) => a - b);
  return {
    median: median(found),
    mean: round(found.reduce((sum, delay) => sum + delay, 0) / found.length),
    p95: found[Math.ceil(found.length * 0.95) - 1] ?? Number.NaN,
    missed: delays.length - found.length,
  };
}

/** A month without a fault: errors at a third of the budget, a crash of four seconds a day, a flash sale (×5) an hour a day. */
function countFalseAlarms(): { simulatedDays: number; detector: number; burnRates: number } {
  const objective = 0.995;
  const simulatedDays = 30;
  const badShare = (1 - objective) / 3;
  const random = createRandom(7);
  const detector = watchWithDetector(objective, promisedSeconds, true);
  const burnRates = watchBurnRates(objective, { eventsPerSecond: 2, badShare });
  const pages = { detector: 0, burnRates: 0 };
  let burning = false;
  for (let second = 1; second <= simulatedDays * 86_400; second += 1) {
    const ofDay = second % 86_400;
    const crashed = ofDay >= 40_000 && ofDay < 40_004;
    const counts = drawSecond(random, ofDay >= 43_200 && ofDay < 46_800 ? 10 : 2, crashed ? 1 : badShare);
    if (detector(second, counts)) pages.detector += 1;
    const now = burnRates(second, counts);
    if (now && !burning) pages.burnRates += 1;
    burning = now;
  }
  return { simulatedDays, ...pages };
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}

import { writeFileSync } from 'node:fs';
import { cpus, setPriority } from 'node:os';
import type { ProcessSpec } from './spec.ts';

/**
 * How far who watches stands back for what is watched where both share a machine, as with nice(1). While there is
 * processor to spare nobody who watches misses it, and customers need not wait for a store that has just begun something:
 * at 3, with the machine half idle, answers have taken a fifth longer. When there is none to spare, who stands back that far
 * gets nothing: the store has left alerts without an answer for minutes, just when they were needed. Then half of a
 * service's weight is right.
 */
const niceness = { spare: 19, scarce: 3 } as const;
export type Processor = keyof typeof niceness;

/** Idle shares of the machine: below the first the processor is scarce, above the second, for a while, there is some to spare. */
const limits = { scarce: 0.15, spare: 0.25, spareForTicks: 5 };
const tickMs = 1_000;

/** Of all processors together, in milliseconds since the machine was started. */
type CpuTimes = { idle: number; all: number };

/** What has been seen so far; `roomyTicks`: one after another with processor to spare. */
export type Stance = { processor: Processor; roomyTicks: number };

/** From what share of the machine was idle since the last tick. Scarcity counts at once, room only when it lasts. */
export function judgeProcessor({ processor, roomyTicks }: Stance, idleShare: number): Stance {
  if (idleShare < limits.scarce) return { processor: 'scarce', roomyTicks: 0 };
  const ticks = idleShare > limits.spare ? roomyTicks + 1 : 0;
  return { processor: ticks >= limits.spareForTicks ? 'spare' : processor, roomyTicks: ticks };
}

type Options = {
  specs: readonly Pick<ProcessSpec, 'name' | 'standsBack'>[];
  view: () => readonly { name: string; pid: number | null }[];
  readTimes?: () => CpuTimes;
  everyMs?: number;
};

/** Before a process has threads, which take over what it has. */
export function standBack(pid: number): void {
  try {
    setPriority(pid, niceness.scarce);
  } catch {
    // It is gone already, which its exit says.
  }
  setGroupNiceness(pid, niceness.scarce);
}

/**
 * Goes on to let those of the plan who stand back do so as far as the processor allows, each tick.
 * @returns what ends it
 */
export function keepStandingBack({ specs, view, readTimes = readCpuTimes, everyMs = tickMs }: Options): () => void {
  const names = specs.filter(({ standsBack }) => standsBack).map(({ name }) => name);
  const listPids = (): number[] =>
    view().flatMap(({ name, pid }) => (pid !== null && names.includes(name) ? [pid] : []));
  let stance: Stance = { processor: 'scarce', roomyTicks: 0 };
  let times = readTimes();
  let placed = new Map<number, Processor>();
  const timer = setInterval(() => {
    const now = readTimes();
    stance = judgeProcessor(stance, (now.idle - times.idle) / Math.max(1, now.all - times.all));
    times = now;
    const place = (pid: number): Processor => {
      const before = placed.get(pid) ?? 'scarce';
      return before === stance.processor || setGroupNiceness(pid, niceness[stance.processor])
        ? stance.processor
        : before;
    };
    placed = new Map(listPids().map((pid) => [pid, place(pid)]));
  }, everyMs).unref();
  return () => clearInterval(timer);
}

/**
 * Linux divides the processor among sessions first, and each process here leads one: see sched(7), autogroup. Unlike the
 * niceness of a process, anybody may lower that of a group again.
 * @returns false where there are no such groups, and when it was changed a moment ago: the next tick tries again
 */
function setGroupNiceness(pid: number, value: number): boolean {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(value));
    return true;
  } catch {
    return false;
  }
}

function readCpuTimes(): CpuTimes {
  const times = cpus().map(({ times: of }) => of);
  const idle = times.reduce((total, of) => total + of.idle, 0);
  const all = times.reduce((total, of) => total + of.idle + of.user + of.nice + of.sys + of.irq, 0);
  return { idle, all };
}

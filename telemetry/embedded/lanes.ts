import { join } from 'node:path';
import { Session } from 'chdb';

/**
 * One session of the engine runs one statement at a time, so every kind of work has sessions of its own: a long SELECT of
 * the console holds up neither inserts nor health nor alerts. A client names its lane in ClickHouse's own setting
 * `log_comment` (`bellwether/<lane>`), which a real server merely logs; without one it is the console's.
 */
export type LaneName = 'inserts' | 'alerts' | 'health' | 'console' | 'admin' | 'control';

type LaneSpec = { sessions: number; settings: Record<string, string> };

const gibibyte = 1024 ** 3;

/** `max_execution_time` is also the most that a request may ask for. */
export const laneSpecs: Record<LaneName, LaneSpec> = {
  inserts: { sessions: 3, settings: { max_execution_time: '60', max_memory_usage: String(gibibyte) } },
  alerts: { sessions: 2, settings: { max_execution_time: '10', max_memory_usage: String(gibibyte) } },
  health: { sessions: 1, settings: { max_execution_time: '5' } },
  console: { sessions: 3, settings: { max_execution_time: '30', max_memory_usage: String(gibibyte) } },
  admin: { sessions: 1, settings: { max_execution_time: '600' } },
  // Not for clients: ends the queries of clients that have gone, which must not wait behind them.
  control: { sessions: 1, settings: { max_execution_time: '60' } },
};

/** Threads that the engine can keep busy at once, and some for Node's own files and names. */
export const threadsNeeded = Object.values(laneSpecs).reduce((sum, spec) => sum + spec.sessions, 4);

export type Lane = {
  name: LaneName;
  /** Runs `work` alone on one of the lane's sessions, after those who came before. */
  use: <Result>(work: (session: Session) => Promise<Result>) => Promise<Result>;
  /** Statements that run or wait. */
  depth: () => number;
  close: () => void;
};

const connectionArgs = [`--config-file=${join(import.meta.dirname, 'config.xml')}`];

/** Opens a lane's sessions on a data directory; `prepare` is the first statement of each. */
export async function openLane(name: LaneName, dataDir: string, prepare: string[]): Promise<Lane> {
  const sessions = Array.from({ length: laneSpecs[name].sessions }, () => new Session(dataDir, { connectionArgs }));
  for (const session of sessions) for (const sql of prepare) await session.queryAsync(sql);
  const free = [...sessions];
  const waiting: ((session: Session) => void)[] = [];
  let depth = 0;
  const acquire = (): Promise<Session> => {
    const session = free.pop();
    return session === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(session);
  };
  const use: Lane['use'] = async (work) => {
    depth += 1;
    const session = await acquire();
    try {
      return await work(session);
    } finally {
      depth -= 1;
      const next = waiting.shift();
      if (next === undefined) free.push(session);
      else next(session);
    }
  };
  const close = (): void => {
    for (const session of sessions) session.close();
  };
  return { name, use, depth: () => depth, close };
}

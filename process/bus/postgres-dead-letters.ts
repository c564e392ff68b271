import { PgBoss } from 'pg-boss';
import { type DeadLetter, type DeadLetters, mostLetters, sortLetters } from './dead-letters.ts';
import { deadQueueOf } from './postgres.ts';

const suffix = deadQueueOf('');

/** Dead letters of the embedded bus. @throws when its database cannot be reached */
export async function openPostgresDeadLetters(url: string): Promise<DeadLetters> {
  const boss = new PgBoss({
    connectionString: url,
    application_name: 'bellwether-dead-letters',
    max: 1,
    // The services look after the bus; here it is only read and moved.
    ...{ migrate: false, supervise: false, schedule: false, registerInstance: false },
  });
  boss.on('error', () => {});
  await boss.start();
  const queues = async (): Promise<string[]> => {
    const names = (await boss.getQueues()).map(({ name }) => name).filter((name) => name.endsWith(suffix));
    return names.map((name) => name.slice(0, -suffix.length)).sort();
  };
  return {
    queues,
    list: async (queue) => {
      const names = queue === undefined ? await queues() : [queue];
      const found: DeadLetter[] = [];
      for (const name of names) found.push(...(await readQueue(boss, name)));
      return sortLetters(found);
    },
    replay: async (letters) => {
      let moved = 0;
      for (const [queue, same] of Map.groupBy(letters, (letter) => letter.queue)) {
        const ids = same.map(({ id }) => id);
        moved += await boss.redrive(deadQueueOf(queue), { ids, destination: queue });
      }
      return moved;
    },
    stop: () => boss.stop({ graceful: false }),
  };
}

async function readQueue(boss: PgBoss, queue: string): Promise<DeadLetter[]> {
  const jobs = await boss.findJobs<unknown>(deadQueueOf(queue), { queued: true, limit: mostLetters });
  return jobs.map((job) => ({
    id: job.id,
    queue,
    reason: readReason(job.sourceOutput ?? job.output),
    attempts: (job.sourceRetryCount ?? 0) + 1,
    at: job.createdOn.toISOString(),
    event: job.data,
  }));
}

function readReason(output: unknown): string {
  if (typeof output !== 'object' || output === null) return 'unknown';
  // `message`: of a job that pg-boss itself gave up, or that expired.
  const { reason, message } = output as { reason?: unknown; message?: unknown };
  return String(reason ?? message ?? JSON.stringify(output));
}

import type { EventContract } from '#services/kit/events/contract';
import { serviceNames, topology } from '#services/topology';

/** The contracts of all services that publish events. */
export async function readContracts(): Promise<EventContract[]> {
  const publishing = serviceNames.filter((name) => topology[name].publishes.length > 0);
  return Promise.all(
    publishing.map(async (name) => {
      const { events }: { events: EventContract } = await import(`./${name}/contract.ts`);
      return events;
    }),
  );
}

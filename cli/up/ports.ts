import { createServer } from 'node:net';
import { type ProcessName, portVariable } from '#process/addresses';

/**
 * Finds the ports that something else on this machine has taken.
 * @returns one line for each, with the variable that moves it
 */
export async function findTakenPorts(
  ports: Readonly<Record<string, number>>,
  hostOf: (name: string) => string,
): Promise<string[]> {
  const lines = await Promise.all(
    Object.entries(ports).map(async ([name, port]) =>
      (await isFree(port, hostOf(name)))
        ? []
        : [`port ${port} (${name}) is taken by another program: set ${portVariable(name as ProcessName)} to another`],
    ),
  );
  return lines.flat();
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
      .once('error', () => resolve(false))
      .listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

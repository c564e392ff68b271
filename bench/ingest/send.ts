import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** Sends all bodies over `senders` connections, each again until acknowledged; @returns seconds and how often it was told to wait */
export async function sendAll(
  url: string,
  bodies: readonly Buffer[],
  senders: number,
): Promise<{ seconds: number; retries: number }> {
  const agent = new Agent({ keepAlive: true, maxSockets: senders });
  let next = 0;
  let retries = 0;
  const startedMs = performance.now();
  const sender = async (): Promise<void> => {
    for (let body = bodies[next++]; body !== undefined; body = bodies[next++]) {
      for (;;) {
        const status = await post(url, body, agent);
        if (status === 200) break;
        if (status !== 503) throw new Error(`${url} answered ${status}`);
        retries += 1;
        await delay(50);
      }
    }
  };
  await Promise.all(Array.from({ length: senders }, sender));
  const seconds = (performance.now() - startedMs) / 1_000;
  agent.destroy();
  return { seconds, retries };
}

function post(url: string, body: Buffer, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-protobuf', 'content-length': body.length };
    const outgoing = request(url, { method: 'POST', headers, agent }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

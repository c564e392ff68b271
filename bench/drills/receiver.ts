import { createServer } from 'node:http';
import { z } from 'zod';

const messageSchema = z.object({ status: z.string(), groupKey: z.string() });

export type Arrival = { faultId: string; status: string; at: number };

export type Receiver = { url: string; arrivals: readonly Arrival[]; close: () => void };

/** A webhook receiver that knows nothing of Bellwether but the format of its pages, and looks at its own clock. */
export async function startReceiver(port: number): Promise<Receiver> {
  const arrivals: Arrival[] = [];
  const server = createServer((request, response) => {
    const at = Date.now();
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const message = messageSchema.safeParse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
      if (message.success) {
        arrivals.push({ faultId: message.data.groupKey.replace(/^fault\//, ''), status: message.data.status, at });
      }
      response.writeHead(message.success ? 200 : 400).end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  return { url: `http://127.0.0.1:${port}/`, arrivals, close: () => server.close() };
}

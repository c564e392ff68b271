import type { Hub, Snapshot } from './hub.ts';

/** A comment line at least this often tells the browser that the connection is alive. */
const beatMs = 2_000;

/**
 * A stream of server-sent events: `snapshot` for each value of each topic, `beat` in between. Values that did not
 * change are not sent again; their beat says that they were looked at.
 */
export function openStream(hub: Hub, topics: readonly string[], clock: () => number): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const stops: (() => void)[] = [];
  const stop = (): void => {
    for (const end of stops.splice(0)) end();
  };
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      const send = (event: string, data: string): void => {
        try {
          controller.enqueue(encoder.encode(`event: ${event}\ndata: ${data}\n\n`));
        } catch {
          stop();
        }
      };
      for (const topic of topics) {
        let sent = '';
        const pass = ({ atMs, value }: Snapshot): void => {
          const text = JSON.stringify(value);
          if (text !== sent) send('snapshot', `{"topic":${JSON.stringify(topic)},"atMs":${atMs},"value":${text}}`);
          sent = text;
        };
        stops.push(hub.subscribe(topic, pass));
      }
      const timer = setInterval(() => send('beat', String(clock())), beatMs);
      stops.push(() => clearInterval(timer));
      send('beat', String(clock()));
    },
    cancel: stop,
  });
}

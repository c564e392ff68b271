import { openStream } from '#app/_live/stream.ts';
import { parseTopic } from '#app/_live/topics.ts';
import { getConsole } from '#app/_server/console.ts';

export const dynamic = 'force-dynamic';

const mostTopics = 6;

/** One stream per page: `GET /api/live?topic=shell&topic=faults`. */
export function GET(request: Request): Response {
  const topics = new URL(request.url).searchParams.getAll('topic');
  const unknown = topics.find((topic) => parseTopic(topic) === null);
  if (unknown !== undefined || topics.length === 0 || topics.length > mostTopics) {
    const reason = unknown === undefined ? `1 to ${mostTopics} topics are expected` : `there is no topic "${unknown}"`;
    return Response.json({ error: reason }, { status: 400 });
  }
  const { hub, sources } = getConsole();
  return new Response(openStream(hub, topics, sources.clock), {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    },
  });
}

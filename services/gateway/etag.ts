import { createHash } from 'node:crypto';
import type { Server } from '#services/kit/server';

/** For how long anybody may show what everybody is shown, in seconds, and for how long after that while asking anew. */
const sharedFor = 'public, max-age=5, stale-while-revalidate=30';

/** What belongs to somebody, or was asked for by somebody: kept by nobody else, and asked for again each time. */
const privately = 'private, no-cache';

/**
 * Gives what can be read an entity tag of its content (RFC 9110, section 8.8.3), answers 304 to who has it already
 * (section 13.1.2), and says who may keep it. Registered after whatever else changes the payload.
 * @param isShared whether a route answers everybody alike
 */
export function registerEntityTags(app: Server, isShared: (route: string) => boolean): void {
  app.addHook('onSend', async (request, reply, payload) => {
    const route = request.routeOptions.url;
    if (request.method !== 'GET' || reply.statusCode !== 200 || route?.startsWith('/api/') !== true) return payload;
    if (typeof payload !== 'string') return payload;
    const tag = `"${createHash('sha1').update(payload).digest('base64url')}"`;
    const anonymous = request.headers.authorization === undefined;
    reply.header('etag', tag);
    reply.header('vary', 'authorization');
    reply.header('cache-control', anonymous && isShared(route) ? sharedFor : privately);
    if (!matches(request.headers['if-none-match'], tag)) return payload;
    reply.code(304);
    reply.removeHeader('content-type');
    reply.removeHeader('content-length');
    return null;
  });
}

/** Weak comparison, as `If-None-Match` wants it. */
function matches(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  return header.split(',').some((each) => each.trim().replace(/^W\//, '') === tag);
}

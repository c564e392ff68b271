import { z } from 'zod';
import { isLoopback } from '#app/env.ts';
import { checkSameOrigin } from '#process/same-origin';
import { getConsole } from './console.ts';

/** The answer to a request that another site made the browser send (403); null for one of the console's own. */
export function refuseForeign(request: Request): Response | null {
  const { env } = getConsole();
  const origin = checkSameOrigin(request.headers, {
    loopback: isLoopback(env),
    publicUrl: env.BELLWETHER_CONSOLE_URL,
  });
  return origin.ok ? null : Response.json({ error: `Refused: ${origin.reason}.` }, { status: 403 });
}

/**
 * The one door for what people decide: refuses cross-site calls (403), parses the body (400), and maps a failure of
 * `act` to 503. A fault that does not exist is 404.
 */
export async function mutate<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
  act: (body: z.infer<Schema>, author: string) => Promise<string>,
): Promise<Response> {
  const { logger } = getConsole();
  const refused = refuseForeign(request);
  if (refused !== null) return refused;
  const parsed = schema.safeParse(await request.json().catch(() => null));
  if (!parsed.success) return Response.json({ error: z.prettifyError(parsed.error) }, { status: 400 });
  try {
    const author = decodeURIComponent(request.headers.get('x-bellwether-user') ?? 'console');
    return Response.json({ commandId: await act(parsed.data, author) }, { status: 202 });
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'P2003') {
      return Response.json({ error: 'There is no such fault.' }, { status: 404 });
    }
    logger.error({ err: error }, 'a command could not be recorded');
    return Response.json({ error: 'Postgres does not answer; nothing was changed. Try again.' }, { status: 503 });
  }
}

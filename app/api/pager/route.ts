import { z } from 'zod';
import { sameSecret } from '#app/_security/basic-auth.ts';
import { getConsole } from '#app/_server/console.ts';
import { pageSchema, recordPage } from '#app/_server/pager.ts';

/** The default receiver of pages: Alertmanager's webhook JSON, with a bearer token and an idempotency key. */
export async function POST(request: Request): Promise<Response> {
  const { env, sources, logger } = getConsole();
  const token = /^Bearer (.+)$/i.exec(request.headers.get('authorization') ?? '')?.[1] ?? '';
  if (!sameSecret(token, env.BELLWETHER_PAGER_TOKEN)) {
    return Response.json({ error: 'the bearer token is missing or wrong' }, { status: 401 });
  }
  const idempotencyKey = request.headers.get('idempotency-key') ?? '';
  if (idempotencyKey === '' || idempotencyKey.length > 200) {
    return Response.json({ error: 'the header Idempotency-Key is missing or longer than 200' }, { status: 400 });
  }
  const parsed = pageSchema.safeParse(await request.json().catch(() => null));
  if (!parsed.success) return Response.json({ error: z.prettifyError(parsed.error) }, { status: 400 });
  try {
    await recordPage(sources.prisma, { idempotencyKey, page: parsed.data });
    return Response.json({ accepted: true });
  } catch (error) {
    logger.error({ err: error }, 'a page could not be kept');
    return Response.json({ error: 'Postgres does not answer' }, { status: 503, headers: { 'retry-after': '1' } });
  }
}

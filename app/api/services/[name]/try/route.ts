import { readApi } from '#app/_openapi/read-api.ts';
import { prepareRequest, tryOutSchema } from '#app/_openapi/try-it.ts';
import { getConsole } from '#app/_server/console.ts';
import { refuseForeign } from '#app/_server/mutation.ts';
import { mayTryOut, sendPrepared } from '#app/_server/try-out.ts';
import { readRecord } from '../../../../(console)/services/[name]/_head.ts';

/** Sends one request of a described operation to a service of this machine; in a demo on loopback only. */
export async function POST(request: Request, { params }: { params: Promise<{ name: string }> }): Promise<Response> {
  const { env, sources } = getConsole();
  const refused = refuseForeign(request);
  if (refused !== null) return refused;
  if (!mayTryOut(env))
    return Response.json({ error: 'Requests can be sent in a demo on loopback only.' }, { status: 403 });
  const given = tryOutSchema.safeParse(await request.json().catch(() => null));
  if (!given.success) return Response.json({ error: 'The request is not as expected.' }, { status: 400 });
  const { apis } = await readRecord(sources, decodeURIComponent((await params).name));
  const record = apis.find(({ name }) => name === given.data.api);
  const parsed = record === undefined ? null : readApi(record);
  if (parsed === null || !parsed.ok)
    return Response.json({ error: 'There is no such API on record.' }, { status: 404 });
  const prepared = prepareRequest(parsed.api, given.data, env.ports);
  if (!prepared.ok) return Response.json({ error: prepared.reason }, { status: 400 });
  try {
    return Response.json(await sendPrepared(prepared));
  } catch {
    return Response.json({ error: `${new URL(prepared.url).origin} does not answer.` }, { status: 502 });
  }
}

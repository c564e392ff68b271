import { getConsole } from '#app/_server/console.ts';
import { parseExportRange } from '../../(console)/business/_csv.ts';
import { exportBusiness } from '../../(console)/business/_data.ts';

export const dynamic = 'force-dynamic';

/** The figures of the business page as a file: `GET /api/business?range=1h`. */
export async function GET(request: Request): Promise<Response> {
  const range = parseExportRange(new URL(request.url).searchParams.get('range'));
  if (range === null) {
    const error =
      'range: expected 5m, 15m, 1h, 6h, 24h, 7d, 30d, or <from>-<to> in Unix milliseconds, 10 s to 31 days apart';
    return Response.json({ error }, { status: 400 });
  }
  const { sources, logger } = getConsole();
  try {
    const { fileName, text } = await exportBusiness(sources, range);
    const headers = {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${fileName}"`,
      'cache-control': 'no-store',
    };
    return new Response(text, { headers });
  } catch (error) {
    logger.error({ err: error }, 'the business figures could not be exported');
    return Response.json({ error: 'A store does not answer; nothing is lost. Try again.' }, { status: 503 });
  }
}

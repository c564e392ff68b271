import { getConsole } from '#app/_server/console.ts';
import { parseExportRange } from '../../(console)/business/_csv.ts';
import { exportBusiness } from '../../(console)/business/_data.ts';

export const dynamic = 'force-dynamic';

function problem(status: number, title: string, more: Record<string, string>): Response {
  const headers = { 'content-type': 'application/problem+json' };
  return new Response(JSON.stringify({ type: 'about:blank', title, status, ...more }), { status, headers });
}

/** The figures of the business page as a file: `GET /api/business?range=1h`. */
export async function GET(request: Request): Promise<Response> {
  const range = parseExportRange(new URL(request.url).searchParams.get('range'));
  if (range === null) {
    const detail = 'range: expected 5m, 15m, 1h, 6h, 24h, or <from>-<to> in Unix milliseconds, 10 s to 31 days apart';
    return problem(400, 'The time range cannot be read', { field: 'range', detail });
  }
  const { sources, logger } = getConsole();
  try {
    const { fileName, text } = await exportBusiness(sources, range);
    return new Response(text, {
      headers: {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': `attachment; filename="${fileName}"`,
        'cache-control': 'no-store',
      },
    });
  } catch (error) {
    logger.error({ err: error }, 'the business figures could not be exported');
    return problem(503, 'The telemetry store does not answer', { detail: 'Nothing is lost. Try again.' });
  }
}

/** An error as ClickHouse's HTTP interface tells it. */
export type HttpError = { code: number; status: number; body: string };

/** A failure of this HTTP front itself, with the code of ClickHouse that fits. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly code: number;
  readonly status: number;
  constructor(code: number, kind: string, status: number, message: string) {
    super(`Code: ${code}. DB::Exception: ${message}. (${kind})`);
    this.code = code;
    this.status = status;
  }
}

/** ClickHouse's `exceptionCodeToHTTPStatus`: which codes are the caller's fault and how. Anything else is 500. */
const statusOfCode: Record<number, number[]> = {
  400: [
    6, 7, 8, 10, 15, 16, 25, 26, 27, 36, 38, 41, 42, 43, 44, 53, 62, 69, 70, 72, 117, 130, 131, 167, 168, 223, 427, 456,
    457,
  ],
  401: [194],
  403: [192, 193, 497, 516],
  404: [46, 47, 50, 56, 60, 63, 73, 81, 115, 336],
  408: [159],
  413: [307],
  501: [48],
  503: [76, 202, 209, 439],
};

const statuses = new Map(
  Object.entries(statusOfCode).flatMap(([status, codes]) =>
    codes.map((code): [number, number] => [code, Number(status)]),
  ),
);

/** Describes any failure; `version` is the engine's, as ClickHouse appends it. */
export function toHttpError(error: unknown, version: string): HttpError {
  const text = error instanceof Error ? error.message : String(error);
  const message =
    /Code: \d+\. DB::Exception:[\s\S]*/.exec(text)?.[0].trim() ??
    `Code: 1002. DB::Exception: ${text}. (UNKNOWN_EXCEPTION)`;
  const code = Number(/Code: (\d+)/.exec(message)?.[1]);
  const status = error instanceof RequestError ? error.status : (statuses.get(code) ?? 500);
  return { code, status, body: `${message} (version ${version})\n` };
}

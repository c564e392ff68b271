import { z } from 'zod';

/**
 * Something that a caller is told about in words made for it. `message` is public; put what is not into `cause`.
 * `extra` members go into the problem document as they are.
 */
export class DomainError extends Error {
  override readonly name: string = 'DomainError';
  readonly code: string;
  readonly status: number;
  readonly extra: Record<string, unknown>;

  constructor(
    code: string,
    status: number,
    publicMessage: string,
    extra: Record<string, unknown> = {},
    options?: ErrorOptions,
  ) {
    super(publicMessage, options);
    this.code = code;
    this.status = status;
    this.extra = extra;
  }
}

/** A problem document (RFC 9457) with a stable `code`. */
export const problemSchema = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.string(),
    detail: z.string().optional(),
    requestId: z.string().optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof problemSchema>;

export const problemContentType = 'application/problem+json';

const titles: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  408: 'Request Timeout',
  409: 'Conflict',
  413: 'Content Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

type ProblemInput = { code: string; status: number; detail?: string; extra?: Record<string, unknown> };

/** Builds a problem document; members of `extra` never replace the standard ones. */
export function problem({ code, status, detail, extra = {} }: ProblemInput): Problem {
  return {
    ...extra,
    type: `urn:bellwether:problem:${code}`,
    title: titles[status] ?? 'Error',
    status,
    code,
    ...(detail === undefined ? {} : { detail }),
  };
}

/** Codes of what Fastify itself refuses; everything else of it is `bad_request`. */
const frameworkCodes: Record<number, string> = {
  404: 'not_found',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
};

/** The problem that stands for an error that is neither a `DomainError` nor a failed validation. */
export function problemOfUnknown(error: unknown): Problem {
  const status = statusOf(error);
  if (status === null) {
    return problem({ code: 'internal', status: 500, detail: 'Something went wrong on our side.' });
  }
  const detail = error instanceof Error ? error.message : undefined;
  return problem({ code: frameworkCodes[status] ?? 'bad_request', status, detail });
}

function statusOf(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return null;
  const status = Number(error.statusCode);
  return status >= 400 && status < 500 ? status : null;
}

import { z } from 'zod';
import type { UnansweredError } from '#services/kit/downstream';
import type { Answer, CallOptions } from '#services/kit/fetch';
import { problemSchema } from '#services/kit/problem';
import { currentVisit, type Visit } from '../visit.ts';

/** Why there is nothing to show: the gateway's status, code and words, and what else its problem says. */
export type Failure = { ok: false; status: number; code: string; detail: string; problem: Record<string, unknown> };
export type Reply<Value> = { ok: true; value: Value } | Failure;

type Method = 'get' | 'post' | 'put' | 'delete';

/** Asks the gateway in the name of whoever is visiting. Whatever goes wrong is a failure to be shown, never an exception. */
export async function ask<Schema extends z.ZodType>(
  method: Method,
  path: string,
  schema: Schema,
  options: CallOptions = {},
): Promise<Reply<z.infer<Schema>>> {
  const visit = currentVisit();
  try {
    return read(await call(visit, { method, path, options }), schema);
  } catch (error) {
    if (!isUnanswered(error)) throw error;
    return { ok: false, status: failureStatus(error.status), code: error.code, detail: error.message, problem: {} };
  }
}

/** By its name: the pages are a bundle with classes of its own, and the client is the process's. */
function isUnanswered(error: unknown): error is UnansweredError {
  return error instanceof Error && error.name === 'UnansweredError';
}

function call(
  { gateway, session, caller }: Visit,
  { method, path, options }: { method: Method; path: string; options: CallOptions },
): Promise<Answer> {
  const headers = { ...options.headers, ...(session === null ? {} : { authorization: `Bearer ${session.token}` }) };
  return gateway[method](path, { ...options, headers, caller });
}

function read<Schema extends z.ZodType>(answer: Answer, schema: Schema): Reply<z.infer<Schema>> {
  const value = answer.status < 300 ? schema.safeParse(answer.body) : undefined;
  if (value?.success === true) return { ok: true, value: value.data };
  const problem = problemSchema.safeParse(answer.body);
  const { code, detail = 'That did not work.' } = problem.data ?? { code: 'downstream_failed' };
  // What is not in the contract is a failure of theirs, not an answer.
  const status = answer.status < 300 || answer.status >= 500 ? failureStatus(answer.status) : answer.status;
  return { ok: false, status, code, detail, problem: problem.data ?? {} };
}

/** 500 and 503 are kept for this process's own failures. */
function failureStatus(status: number): number {
  return status === 504 ? 504 : 502;
}

/** A reply without a body. */
export const nothing = z.null();

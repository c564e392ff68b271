import type { z } from 'zod';
import { UnansweredError, UnexpectedAnswerError } from './downstream.ts';
import type { Answer } from './fetch.ts';
import { DomainError, problemSchema } from './problem.ts';

/**
 * What a service answered, as this one passes it on: its refusals (4xx), and its own account of what failed behind it
 * (502), with their code and members; other failures as 502, or 504 when somebody behind it took too long.
 * @throws DomainError for everything but success
 */
export function passOn<Schema extends z.ZodType>(peer: string, answer: Answer, schema: Schema): z.infer<Schema> {
  if ((answer.status >= 400 && answer.status < 500) || answer.status === 502) throw passProblem(peer, answer);
  if (answer.status === 504) throw new UnansweredError(peer, 'timeout');
  if (answer.status >= 300) throw new UnexpectedAnswerError(peer, answer.status);
  const parsed = schema.safeParse(answer.body);
  if (!parsed.success) throw new UnexpectedAnswerError(peer, answer.status, { cause: parsed.error });
  return parsed.data;
}

function passProblem(peer: string, answer: Answer): DomainError {
  const parsed = problemSchema.safeParse(answer.body);
  if (!parsed.success) return new UnexpectedAnswerError(peer, answer.status, { cause: parsed.error });
  const { code, status, detail, title, type: _type, requestId: _requestId, ...extra } = parsed.data;
  return new DomainError(code, status, detail ?? title, extra);
}

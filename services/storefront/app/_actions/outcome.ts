import type { Failure } from '../../shop/ask.ts';

/** What became of a form: why not, in which field, or what was done. What was typed comes back, but for secrets. */
export type Outcome = {
  problem: string | null;
  field: string | null;
  done: string | null;
  values: Record<string, string>;
};

export type Action = (before: Outcome, form: FormData) => Promise<Outcome>;

export const untouched: Outcome = { problem: null, field: null, done: null, values: {} };

/** A field of a form as text. */
export function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value.trim() : '';
}

function valuesOf(form: FormData): Record<string, string> {
  const texts = [...form].filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return Object.fromEntries(texts.filter(([name]) => !name.startsWith('$') && name !== 'password'));
}

/** The form once more, with what was wrong with it. */
export function refused(form: FormData, problem: string, field: string | null = null): Outcome {
  return { problem, field, done: null, values: valuesOf(form) };
}

/** A failure in words for people, by its code where we have better ones than its own. */
export function failed(form: FormData, failure: Failure, words: Record<string, string> = {}): Outcome {
  const own = words[failure.code];
  if (own !== undefined) return refused(form, own);
  if (failure.status >= 500)
    return refused(form, 'Something is stuck behind the counter. Nothing was changed: try again.');
  return refused(form, failure.detail, fieldOf(failure));
}

/** The field that a validation names. */
function fieldOf({ problem }: Failure): string | null {
  const [first] = Array.isArray(problem.errors) ? (problem.errors as { path?: unknown }[]) : [];
  return typeof first?.path === 'string' ? (first.path.split('/').at(-1) ?? null) : null;
}

export function done(words: string): Outcome {
  return { ...untouched, done: words };
}

import { isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';

/** A flag as flagd defines it (https://flagd.dev/reference/flag-definitions). */
export const flagSchema = z
  .looseObject({
    state: z.enum(['ENABLED', 'DISABLED']),
    variants: z.record(z.string(), z.json()),
    defaultVariant: z.string(),
    targeting: z.record(z.string(), z.json()).optional(),
  })
  .superRefine(({ variants, defaultVariant }, context) => {
    if (Object.hasOwn(variants, defaultVariant)) return;
    context.addIssue({ code: 'custom', path: ['defaultVariant'], message: `there is no variant ${defaultVariant}` });
  });
export type Flag = z.infer<typeof flagSchema>;

const fileSchema = z.looseObject({ flags: z.record(z.string(), flagSchema) });
export type FlagFile = z.infer<typeof fileSchema>;

/** The message begins with `<file>:<line>:<column>`. */
class FlagFileError extends Error {
  override readonly name = 'FlagFileError';
}

/**
 * Reads flag definitions, in JSON or YAML.
 * @throws Error for the first thing that is wrong with them
 */
export function parseFlagFile(text: string, file: string): FlagFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const refuse = (offset: number, message: string): FlagFileError => {
    const { line, col } = lines.linePos(offset);
    return new FlagFileError(`${file}:${line}:${col}: ${message}`);
  };
  const [error] = document.errors;
  if (error !== undefined) throw refuse(error.pos[0], error.message.split(' at line ')[0] ?? error.message);
  const parsed = fileSchema.safeParse(document.toJS());
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path.map((part) => (typeof part === 'number' ? part : String(part))) ?? [];
  throw refuse(findOffset(document, path), `${path.join('.') || 'the file'}: ${issue?.message}`);
}

/** Of the value at a path, or of the nearest that is there. */
function findOffset(document: ReturnType<typeof parseDocument>, path: (string | number)[]): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

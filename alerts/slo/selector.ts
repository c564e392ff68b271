import type { Selector } from './definition.ts';

const namePattern = /^\s*([a-zA-Z_:][a-zA-Z0-9_:]*)?\s*/;
const matcherPattern =
  /^\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*(,|(?=\}))/;

/**
 * Parses a plain selector, `name{label="value", other=~"a|b"}`.
 * @throws Error saying what is expected; functions, ranges, offsets and operators are refused
 */
export function parseSelector(text: string): Selector {
  const refuse = (rest: string): never => {
    throw new Error(
      `expected a plain selector like http_requests_total{service="orders"}; not supported yet at "${rest.slice(0, 30)}"`,
    );
  };
  const name = namePattern.exec(text);
  let metric = name?.[1] ?? '';
  let rest = text.slice(name?.[0].length ?? 0);
  const matchers: Selector['matchers'] = [];
  if (rest.startsWith('{')) {
    rest = rest.slice(1);
    while (!/^\s*\}/.test(rest)) {
      const match = matcherPattern.exec(rest);
      if (match === null) return refuse(rest);
      const [all, label = '', op = '=', quoted = '""'] = match;
      matchers.push({ label, op: op as '=', value: unquote(quoted) });
      rest = rest.slice(all.length);
    }
    rest = rest.replace(/^\s*\}\s*/, '');
  }
  if (rest !== '') return refuse(rest);
  const named = matchers.find(({ label, op }) => label === '__name__' && op === '=');
  if (metric === '' && named !== undefined) metric = named.value;
  if (metric === '') throw new Error('expected the name of a metric in the selector');
  return { metric, matchers: matchers.filter((matcher) => matcher !== named) };
}

function unquote(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\(.)/g, (_, escaped: string) => ({ n: '\n', t: '\t' })[escaped] ?? escaped);
}

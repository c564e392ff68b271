const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** Reads `300s`, `5m`, `1.5h`, `250ms` or plain seconds into milliseconds; undefined when it is none of these. */
export function parseDurationMs(text: string): number | undefined {
  const [, figure, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text.trim()) ?? [];
  return figure === undefined ? undefined : Number(figure) * unitMs[unit as keyof typeof unitMs];
}

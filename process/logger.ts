import { type Logger, pino } from 'pino';

export type { Logger };

/** A JSON logger on standard output; one line per event, ISO time, the process's name in every line. */
export function createLogger(processName: string): Logger {
  return pino({
    base: { process: processName },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: ['*.password', '*.token', '*.authorization', 'headers.authorization'],
  });
}

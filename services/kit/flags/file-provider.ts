import { FlagdCore } from '@openfeature/flagd-core';
import { type JsonValue, OpenFeatureEventEmitter, type Provider, ProviderEvents } from '@openfeature/server-sdk';
import type { Logger } from '#process/logger';
import { watchFlagFile } from './watch-file.ts';

/** Evaluates flags of a file in flagd's format in this process; the file is followed. */
export function createFileProvider(options: { file: string; logger: Logger; intervalMs?: number }): Provider {
  // What it has to say is thrown as well.
  const silent = (): void => {};
  const core = new FlagdCore(undefined, { error: silent, warn: silent, info: silent, debug: silent });
  const events = new OpenFeatureEventEmitter();
  let stop = async (): Promise<void> => {};
  return {
    metadata: { name: 'flagd-file' },
    runsOn: 'server',
    events,
    initialize: async () => {
      stop = await watchFlagFile({
        ...options,
        onChange: (flags) => {
          const flagsChanged = core.setConfigurations(JSON.stringify(flags));
          events.emit(ProviderEvents.ConfigurationChanged, { flagsChanged });
        },
      });
    },
    onClose: () => stop(),
    resolveBooleanEvaluation: async (...args) => core.resolveBooleanEvaluation(...args),
    resolveStringEvaluation: async (...args) => core.resolveStringEvaluation(...args),
    resolveNumberEvaluation: async (...args) => core.resolveNumberEvaluation(...args),
    resolveObjectEvaluation: async <Value extends JsonValue>(
      ...args: Parameters<FlagdCore['resolveObjectEvaluation']>
    ) => core.resolveObjectEvaluation<Value>(...(args as Parameters<typeof core.resolveObjectEvaluation<Value>>)),
  };
}

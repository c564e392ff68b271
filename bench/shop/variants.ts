/** What the shop is compared with itself in: variables of the instance's environment. */
export const variants: Readonly<Record<string, Record<string, string>>> = {
  usual: {},
  'no-cache': { CACHE_ENTRIES: '0' },
  'no-telemetry': { OTEL_SDK_DISABLED: 'true' },
};

/** Requests a second of the demo. */
export const defaultLoad = 20;

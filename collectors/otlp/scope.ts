import type { Attributes } from '#telemetry/rows';

/** An instrumentation scope: the library that made the telemetry. */
export type Scope = { name: string; version: string; attributes: Attributes };

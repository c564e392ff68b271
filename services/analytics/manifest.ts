import type { Manifest } from '#services/kit/service';

/** What `openapi.yaml` says about the service. */
export const manifest: Manifest = {
  name: 'analytics',
  description: 'Funnel, conversion and revenue by minute, from the events of the shop.',
  version: '1.0.0',
};

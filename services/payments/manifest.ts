import type { Manifest } from '#services/kit/service';

/** What `openapi.yaml` says about the service. */
export const manifest: Manifest = {
  name: 'payments',
  description: 'Holds, takes and gives back money of payment tokens, each once. Card numbers are refused.',
  version: '1.0.0',
};

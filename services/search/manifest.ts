import type { Manifest } from '#services/kit/service';

/** What `openapi.yaml` says about the service. */
export const manifest: Manifest = {
  name: 'search',
  description: 'Finds products by words, with facets; forgives typing errors.',
  version: '1.0.0',
};

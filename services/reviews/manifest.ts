import type { Manifest } from '#services/kit/service';

/** What `openapi.yaml` says about the service. */
export const manifest: Manifest = {
  name: 'reviews',
  description: 'What customers say about products that they bought.',
  version: '1.0.0',
};

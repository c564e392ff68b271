import type { Manifest } from '#services/kit/service';

/** What `openapi.yaml` says about the service. */
export const manifest: Manifest = {
  name: 'recommendations',
  description: 'What is bought together, learnt from orders as they are confirmed.',
  version: '1.0.0',
};

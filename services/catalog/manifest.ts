import type { Manifest } from '#services/kit/service';

/** What `openapi.yaml` says about the service. */
export const manifest: Manifest = {
  name: 'catalog',
  description: 'Products, their variants and prices.',
  version: '1.0.0',
};

import type { Manifest } from '#services/kit/service';

/** What `openapi.yaml` says about the service. */
export const manifest: Manifest = {
  name: 'inventory',
  description: 'How many pieces there are of every SKU, and for whom they are held.',
  version: '1.0.0',
};

import type { Manifest } from '#services/kit/service';

/** What `openapi.yaml` says about the service. */
export const manifest: Manifest = {
  name: 'admin',
  description: 'The back office: prices, stock and reviews, with a record of who did what.',
  version: '1.0.0',
};

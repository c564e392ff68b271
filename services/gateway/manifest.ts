import type { Manifest } from '#services/kit/service';

/** What `openapi.yaml` says about the service. */
export const manifest: Manifest = {
  name: 'gateway',
  description: 'The public API of the shop: guest sessions, browsing, cart and checkout.',
  version: '1.0.0',
};

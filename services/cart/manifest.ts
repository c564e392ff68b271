import type { Manifest } from '#services/kit/service';

/** What `openapi.yaml` says about the service. */
export const manifest: Manifest = {
  name: 'cart',
  description: 'Shopping carts: what a customer means to buy, at the price seen when it was put in.',
  version: '1.0.0',
};

import type { Manifest } from '#services/kit/service';

/** What `openapi.yaml` says about the service. */
export const manifest: Manifest = {
  name: 'orders',
  description: 'Turns carts into orders: a saga over inventory and payments that ends confirmed or undone.',
  version: '1.0.0',
};

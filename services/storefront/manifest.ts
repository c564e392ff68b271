import type { Manifest } from '#services/kit/service';

/** What the process says of itself. */
export const manifest: Manifest = {
  name: 'storefront',
  description: 'The pages of the shop that customers see.',
  version: '1.0.0',
};

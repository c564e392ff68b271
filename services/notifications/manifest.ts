import type { Manifest } from '#services/kit/service';

/** What `openapi.yaml` says about the service. */
export const manifest: Manifest = {
  name: 'notifications',
  description: 'Mails to customers about their orders and accounts.',
  version: '1.0.0',
};

import type { Manifest } from '#services/kit/service';

/** What `openapi.yaml` says about the service. */
export const manifest: Manifest = {
  name: 'users',
  description: 'Accounts, sign-in and addresses.',
  version: '1.0.0',
};

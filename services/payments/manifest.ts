import type { Manifest } from '#services/kit/service';

/** What `openapi.yaml` says about the service. */
export const manifest: Manifest = {
  name: 'payments',
  description: 'Charges payment tokens once and gives money back. Card numbers are refused.',
  version: '1.0.0',
};

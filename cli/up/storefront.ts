import type { Settings } from './env.ts';

/** Says whose data the storefront's pages send to the collectors; it is in their source for everybody to read. */
const key = 'pk_bellwether_storefront';

/** The web apps that may report: the storefront, and those that are named in the environment. */
export function listFaroApps({ ports, STOREFRONT_PUBLIC_URL, FARO_APPS }: Settings): string {
  const origins = [`http://127.0.0.1:${ports.storefront}`, `http://localhost:${ports.storefront}`];
  const all = STOREFRONT_PUBLIC_URL === undefined ? origins : [...origins, STOREFRONT_PUBLIC_URL];
  const own = `storefront-web:${key}:${all.join('|')}`;
  return FARO_APPS === undefined ? own : `${own},${FARO_APPS}`;
}

/** What the storefront is given besides what every service is. */
export function storefrontEnv({ STOREFRONT_PUBLIC_URL }: Settings, collectorsUrl: string): Record<string, string> {
  return {
    FARO_URL: `${collectorsUrl}/collect`,
    FARO_KEY: key,
    ...(STOREFRONT_PUBLIC_URL === undefined ? {} : { STOREFRONT_PUBLIC_URL }),
  };
}

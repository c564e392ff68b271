/**
 * A web app whose users' browsers may report. `key` is public, it is in the page's source: it says whose data comes, and
 * keeps nobody out who wants in. `origins` are the origins of its pages, or `*` alone for any.
 */
export type FaroApp = { name: string; key: string; origins: string[] };

const namePattern = /^[A-Za-z0-9][\w.-]{0,62}$/;
const keyPattern = /^[\w-]{16,128}$/;

/**
 * Reads `name:key:origin|origin,name:key:*`.
 * @returns the apps, and what is wrong with the text (keys are not repeated)
 */
export function parseFaroApps(text: string): { apps: FaroApp[]; problems: string[] } {
  const apps: FaroApp[] = [];
  const problems: string[] = [];
  const entries = text.split(',').map((entry) => entry.trim());
  for (const [index, entry] of entries.filter(Boolean).entries()) {
    // Origins have colons of their own.
    const [name = '', key = '', ...rest] = entry.split(':');
    const origins = rest.join(':').split('|').filter(Boolean);
    const complain = (what: string): number => problems.push(`app ${index + 1} (${JSON.stringify(name)}): ${what}`);
    if (!namePattern.test(name)) complain('a name is letters, digits, dots, dashes and underscores, at most 63');
    if (!keyPattern.test(key)) complain('a key is 16 to 128 letters, digits, dashes and underscores');
    if (origins.length === 0) complain('no origin: expected e.g. https://shop.example, or * for any');
    for (const origin of origins.filter((each) => each !== '*' && !isOrigin(each))) {
      complain(
        `${JSON.stringify(origin)} is no origin: expected scheme, host and port alone, e.g. https://shop.example`,
      );
    }
    if (apps.some((app) => app.name === name)) complain('the name is given twice');
    if (apps.some((app) => app.key === key)) complain('its key is that of another app');
    apps.push({ name, key, origins });
  }
  return { apps, problems };
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

/** Whether pages of an origin may report to an app. A request without an origin is not a page's. */
export function allowsOrigin({ origins }: FaroApp, origin: string | undefined): boolean {
  return origins.includes('*') || (origin !== undefined && origins.includes(origin));
}

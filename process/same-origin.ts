type Verdict = { ok: true } | { ok: false; reason: string };

const loopbackNames = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** The host name of a Host header, without the port; null when it is malformed. */
function hostName(host: string): string | null {
  const url = URL.canParse(`http://${host}`) ? new URL(`http://${host}`) : null;
  return url !== null && url.host.length > 0 && url.pathname === '/' ? url.hostname : null;
}

/**
 * Refuses a Host that a site bound to loopback cannot have: a name that an attacker's DNS points at 127.0.0.1
 * (DNS rebinding). Behind a password any Host is taken, since the browser keeps the credentials per origin.
 */
export function checkHost(host: string | null, { loopback }: { loopback: boolean }): Verdict {
  if (host === null || host === '') return { ok: false, reason: 'the request has no Host header' };
  const name = hostName(host);
  if (name === null) return { ok: false, reason: `the Host header "${host}" is malformed` };
  if (loopback && !loopbackNames.has(name)) {
    return { ok: false, reason: `the Host "${name}" is not this site: it answers on 127.0.0.1 and localhost only` };
  }
  return { ok: true };
}

/**
 * Refuses a request that another site made the browser send: Origin must be present and be the very host asked.
 * `publicUrl` is the public address when a proxy changes the Host header.
 */
export function checkSameOrigin(
  headers: Pick<Headers, 'get'>,
  { loopback, publicUrl }: { loopback: boolean; publicUrl?: string },
): Verdict {
  const host = headers.get('host');
  const hostVerdict = checkHost(host, { loopback });
  if (!hostVerdict.ok) return hostVerdict;
  const site = headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin') {
    return { ok: false, reason: `the request comes from another site (Sec-Fetch-Site: ${site})` };
  }
  const origin = headers.get('origin');
  if (origin === null) return { ok: false, reason: 'the request has no Origin header: it was not sent by this site' };
  const allowed = new Set([`http://${host}`, `https://${host}`]);
  if (publicUrl !== undefined && !loopback) allowed.add(new URL(publicUrl).origin);
  if (!allowed.has(origin)) return { ok: false, reason: `the request comes from another site (Origin: ${origin})` };
  return { ok: true };
}

import type { Channel } from './session.ts';

const social = /(^|\.)(instagram|facebook|tiktok|pinterest|reddit|x)\.com$/;

/** A phone or not, by the client hint where there is one, else by the user agent's own word (RFC 9110, section 10.1.5). */
export function readDevice(headers: Record<string, string | string[] | undefined>): 'phone' | 'desktop' {
  const hint = headers['sec-ch-ua-mobile'];
  if (hint === '?1' || hint === '?0') return hint === '?1' ? 'phone' : 'desktop';
  return /\bMobile\b/.test(String(headers['user-agent'] ?? '')) ? 'phone' : 'desktop';
}

/** What brought somebody here: a campaign's own mark, else the page that they come from. */
export function readChannel(url: string, referrer: string | undefined): Channel {
  const medium = new URLSearchParams(url.split('?')[1]).get('utm_medium');
  if (medium === 'email' || medium === 'social') return medium;
  const host = referrer !== undefined && URL.canParse(referrer) ? new URL(referrer).hostname : '';
  return social.test(host) ? 'social' : 'web';
}

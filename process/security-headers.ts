export type PageSecurity = {
  nonce: string;
  /** Adds what hot reload needs. */
  dev: boolean;
  /** For what sets styles on elements; else they come from style sheets alone. */
  inlineStyles?: boolean;
  /** Origins besides its own that a page's scripts may ask. */
  connectTo?: readonly string[];
};

/** Headers of every page: scripts run by nonce only. */
export function securityHeaders({ nonce, dev, inlineStyles = dev, connectTo = [] }: PageSecurity): {
  'content-security-policy': string;
  [name: string]: string;
} {
  const script = `'self' 'nonce-${nonce}' 'strict-dynamic'${dev ? " 'unsafe-eval'" : ''}`;
  return {
    'content-security-policy': [
      "default-src 'self'",
      `script-src ${script}`,
      `style-src 'self'${inlineStyles ? " 'unsafe-inline'" : ''}`,
      "img-src 'self' data:",
      `connect-src ${["'self'", ...(dev ? ['ws:'] : []), ...connectTo].join(' ')}`,
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ].join('; '),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=()',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  };
}

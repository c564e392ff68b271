'use client';
import { useEffect } from 'react';
import type { Reporting } from './report.ts';

/** Begins to report what the customer's browser sees, once the page can be used: that comes first. */
export function Watch(reporting: Reporting): null {
  const { url, appKey, version, sessionId } = reporting;
  useEffect(() => {
    const begin = (): void => {
      import('./report.ts').then(({ report }) => report({ url, appKey, version, sessionId })).catch(() => undefined);
    };
    if ('requestIdleCallback' in window) {
      const idle = requestIdleCallback(begin, { timeout: 2_000 });
      return () => cancelIdleCallback(idle);
    }
    const timer = setTimeout(begin, 200);
    return () => clearTimeout(timer);
  }, [url, appKey, version, sessionId]);
  return null;
}

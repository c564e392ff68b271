import './theme.css';
import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';
import { addressOf } from '../pictures/address.ts';
import { currentVisit } from '../visit.ts';
import { Watch } from './_browser/watch.tsx';
import { Shell } from './_parts/shell.tsx';

export const dynamic = 'force-dynamic';

export const metadata: Metadata = {
  title: { default: 'Fold & Fell: clothes worth mending', template: '%s · Fold & Fell' },
  description:
    'A small shop for clothes that are worn for years: knitwear, coats, shirts, shoes, and what goes with them.',
  icons: { icon: addressOf({ noun: 'beanie', material: 'merino', colour: 'rust', number: 7 }) },
};

export const viewport: Viewport = { width: 'device-width', initialScale: 1, colorScheme: 'light dark' };

export default function RootLayout({ children }: { children: ReactNode }): ReactNode {
  const { traceparent, reporting, session } = currentVisit();
  return (
    <html lang="en">
      <head>{traceparent !== null && <meta name="traceparent" content={traceparent} />}</head>
      <body>
        <Shell>{children}</Shell>
        {reporting !== null && <Watch {...reporting} sessionId={session?.sessionId ?? null} />}
      </body>
    </html>
  );
}

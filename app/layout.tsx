import '@mantine/core/styles.css';
import '#app/_ui/global.css';
import { ColorSchemeScript, MantineProvider, mantineHtmlProps } from '@mantine/core';
import type { Metadata } from 'next';
import { headers } from 'next/headers';
import type { ReactNode } from 'react';
import { cssVariables, theme } from '#app/_ui/theme.ts';

export const dynamic = 'force-dynamic';

export const metadata: Metadata = {
  title: { default: 'Bellwether', template: '%s · Bellwether' },
  description: 'Are customers being hurt, by what, since when, and what to do.',
};

export default async function RootLayout({ children }: { children: ReactNode }): Promise<ReactNode> {
  const nonce = (await headers()).get('x-nonce') ?? undefined;
  return (
    <html lang="en" {...mantineHtmlProps}>
      <head>
        <ColorSchemeScript defaultColorScheme="auto" nonce={nonce} />
      </head>
      <body>
        <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
          {children}
        </MantineProvider>
      </body>
    </html>
  );
}

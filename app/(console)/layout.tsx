import type { ReactNode } from 'react';
import { LiveProvider, NowProvider } from '#app/_live/live.tsx';
import { readSnapshot } from '#app/_server/console.ts';
import type { ShellData } from '#app/_server/shell.ts';
import { Shell } from '#app/_ui/shell.tsx';
import { ZoneProvider } from '#app/_ui/time.tsx';

export default async function ConsoleLayout({ children }: { children: ReactNode }): Promise<ReactNode> {
  const shell = await readSnapshot<ShellData>({ kind: 'shell' });
  return (
    <LiveProvider>
      <NowProvider initialMs={shell.value.atMs}>
        <ZoneProvider>
          <Shell initial={shell}>{children}</Shell>
        </ZoneProvider>
      </NowProvider>
    </LiveProvider>
  );
}

'use client';

import { useRouter } from 'next/navigation';
import { type ReactNode, useEffect } from 'react';

const everyMs = 2_000;

/** Reads the page anew for as long as it is part of it, and says so. */
export function Follow(): ReactNode {
  const router = useRouter();
  useEffect(() => {
    const timer = setInterval(() => router.refresh(), everyMs);
    return () => clearInterval(timer);
  }, [router]);
  return <output>more spans may arrive</output>;
}

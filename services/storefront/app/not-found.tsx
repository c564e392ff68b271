import Link from 'next/link';
import type { ReactNode } from 'react';
import form from './_parts/form.module.css';

export default function NotFound(): ReactNode {
  return (
    <>
      <h1>There is nothing on this hook</h1>
      <p>It may have been sold, or it was never there.</p>
      <Link href="/shop" prefetch={false} className={form.button}>
        Look at everything
      </Link>
    </>
  );
}

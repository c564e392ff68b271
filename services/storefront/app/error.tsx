'use client';
import type { ReactNode } from 'react';
import form from './_parts/form.module.css';

/** What is shown when a page breaks: it should not, and what broke is in the log. */
export default function PageError({ reset }: { error: Error; reset: () => void }): ReactNode {
  return (
    <div role="alert">
      <h1>A seam has gone</h1>
      <p>This page came apart. It is our fault, not yours, and what is in your bag is still there.</p>
      <button type="button" className={form.button} onClick={reset}>
        Try again
      </button>
    </div>
  );
}

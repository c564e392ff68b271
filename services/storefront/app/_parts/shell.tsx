import Form from 'next/form';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { shelves } from '../../shop/words.ts';
import { currentVisit } from '../../visit.ts';
import classes from './shell.module.css';

/** The sheep that goes first. */
function Sheep(): ReactNode {
  return (
    <svg viewBox="0 0 46 40" aria-hidden="true">
      <path d="M14 33v6M20 34v5M30 34v5M35 32v6" stroke="currentColor" strokeWidth="2.4" strokeLinecap="round" />
      <path
        d="M9 24a6 6 0 0 1 2-9 7 7 0 0 1 11-4 8 8 0 0 1 13 2 6 6 0 0 1 3 10 6 6 0 0 1-5 9 9 9 0 0 1-9 2 9 9 0 0 1-10-1 6 6 0 0 1-5-9z"
        fill="var(--sheet)"
        stroke="currentColor"
        strokeWidth="2"
      />
      <path d="M3 17c0-6 4-9 8-8 3 1 4 4 3 8s-3 7-6 7-5-3-5-7z" fill="currentColor" />
      <circle cx="8" cy="27" r="2.6" fill="var(--rust)" />
    </svg>
  );
}

function Header(): ReactNode {
  const { session } = currentVisit();
  const pieces = session?.pieces ?? 0;
  return (
    <header className={classes.header}>
      <div className={classes.bar}>
        <Link href="/" prefetch={false} className={classes.brand}>
          <Sheep />
          <span>
            Fold <i>&amp;</i> Fell
          </span>
        </Link>
        <Form action="/shop" role="search" prefetch={false} className={classes.search}>
          <input
            name="q"
            type="search"
            aria-label="Search the shop"
            placeholder="wool coat, linen shirt …"
            maxLength={100}
          />
          <button type="submit">Search</button>
        </Form>
        <nav aria-label="Yours" className={classes.own}>
          <Link href={session?.refreshToken ? '/account' : '/sign-in'} prefetch={false}>
            {session?.refreshToken ? 'Your account' : 'Sign in'}
          </Link>
          <Link href="/cart" prefetch={false}>
            Bag
            {pieces > 0 && <span className={classes.count}>{pieces}</span>}
          </Link>
        </nav>
      </div>
      <nav aria-label="Shelves" className={classes.shelves}>
        <ul>
          <li>
            <Link href="/shop" prefetch={false}>
              Everything
            </Link>
          </li>
          {shelves.map(({ category, title }) => (
            <li key={category}>
              <Link href={`/shop?category=${category}`} prefetch={false}>
                {title}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
    </header>
  );
}

function Footer(): ReactNode {
  return (
    <footer className={classes.footer}>
      <div>
        <section>
          <h2>Fold &amp; Fell</h2>
          <p>Clothes for people who own an umbrella and a needle.</p>
          <p className={classes.quiet}>A demonstration: nothing is charged, and nothing is sent.</p>
        </section>
        <section>
          <h2>How we do it</h2>
          <p>Prices are what you pay. There is no sale every Friday.</p>
          <p>If a seam goes, so does our pride: we mend it.</p>
        </section>
        <section>
          <h2>What we keep</h2>
          <p>One cookie, so that your bag stays yours. How fast pages were, without your name.</p>
        </section>
      </div>
    </footer>
  );
}

/** What is around every page. */
export function Shell({ children }: { children: ReactNode }): ReactNode {
  return (
    <>
      <a href="#main" className={classes.skip}>
        Skip to the content
      </a>
      <Header />
      <main id="main" tabIndex={-1} className={classes.main}>
        {children}
      </main>
      <Footer />
    </>
  );
}

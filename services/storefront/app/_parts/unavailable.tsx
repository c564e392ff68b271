import type { ReactNode } from 'react';
import type { Failure } from '../../shop/ask.ts';
import { currentVisit } from '../../visit.ts';
import classes from './notice.module.css';

/** `part`: of a page that has another heading. */
type Props = { what: string; failure: Failure; part?: boolean };

/** In place of what a page is for, when it cannot be made. The answer has the failure's status, for whoever counts them. */
export function Unavailable({ what, failure, part = false }: Props): ReactNode {
  const { status } = failure;
  const Heading = part ? 'h3' : 'h1';
  currentVisit().answerWith(status);
  const busy = status === 429 || failure.code === 'overloaded';
  return (
    <div role="alert" className={`${classes.notice} ${classes.bad}`}>
      <Heading>{busy ? 'There is a queue at the door' : 'Something is stuck behind the counter'}</Heading>
      <p>
        {what} cannot be shown just now. {busy ? 'Too many people came at once.' : 'It is our fault, not yours.'}{' '}
        Nothing of yours is lost: what is in your bag stays there. Wait a moment, and reload the page.
      </p>
    </div>
  );
}

/** In place of a part of a page that cannot be made. */
export function Missing({ children }: { children: ReactNode }): ReactNode {
  return <p className={classes.notice}>{children}</p>;
}

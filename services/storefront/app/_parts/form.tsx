'use client';
import { createContext, type ReactNode, useActionState, useContext, useId } from 'react';
import { type Action, type Outcome, untouched } from '../_actions/outcome.ts';
import classes from './form.module.css';

const OutcomeContext = createContext<Outcome & { pending: boolean }>({ ...untouched, pending: false });

/** A form that an action on the server answers: with or without JavaScript. */
export function ActionForm({
  action,
  className = classes.form,
  label,
  keeps = false,
  children,
}: {
  action: Action;
  className?: string;
  label?: string;
  /** Stays as it is after it was sent. */
  keeps?: boolean;
  children: ReactNode;
}): ReactNode {
  const [outcome, submit, pending] = useActionState(action, untouched);
  // React empties a form after its action; what was refused, or is not typed but chosen, stays.
  const stays = keeps || outcome.problem !== null;
  return (
    <form
      action={submit}
      className={className}
      aria-label={label}
      aria-busy={pending}
      onReset={(event) => stays && event.preventDefault()}
    >
      <OutcomeContext value={{ ...outcome, pending }}>{children}</OutcomeContext>
      {outcome.problem !== null && (
        <p role="alert" className={classes.problem}>
          {outcome.problem}
        </p>
      )}
      {outcome.done !== null && (
        <p role="status" className={classes.done}>
          {outcome.done}
        </p>
      )}
    </form>
  );
}

type FieldProps = {
  name: string;
  label: string;
  hint?: string;
  type?: string;
  initial?: string;
  autoComplete?: string;
  required?: boolean;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
};

/** A labelled field that keeps what was typed when the form comes back. */
export function Field({
  name,
  label,
  hint,
  type = 'text',
  initial = '',
  required = true,
  ...rest
}: FieldProps): ReactNode {
  const { values, field } = useContext(OutcomeContext);
  const id = useId();
  return (
    <div className={classes.field}>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        name={name}
        type={type}
        defaultValue={values[name] ?? initial}
        required={required}
        aria-invalid={field === name}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        {...rest}
      />
      {hint !== undefined && (
        <p id={`${id}-hint`} className={classes.hint}>
          {hint}
        </p>
      )}
    </div>
  );
}

type SelectProps = {
  name: string;
  label: string;
  options: readonly { value: string; words: string }[];
  initial: string;
};

/** One of a few values, with a label. */
export function Select({ name, label, options, initial }: SelectProps): ReactNode {
  const { values } = useContext(OutcomeContext);
  const id = useId();
  return (
    <div className={classes.field}>
      <label htmlFor={id}>{label}</label>
      <select id={id} name={name} defaultValue={values[name] ?? initial}>
        {options.map(({ value, words }) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}

/** A value that goes with the form; the last answer may have replaced it. */
export function Hidden({ name, value }: { name: string; value: string }): ReactNode {
  const { values } = useContext(OutcomeContext);
  const current = values[name] ?? value;
  return <input key={current} type="hidden" name={name} defaultValue={current} />;
}

/** The button that sends the form; while it is on its way, it says so. */
export function Submit({
  children,
  className = classes.button,
}: {
  children: ReactNode;
  className?: string;
}): ReactNode {
  const { pending } = useContext(OutcomeContext);
  return (
    <button type="submit" className={className} aria-disabled={pending}>
      {pending ? 'One moment …' : children}
    </button>
  );
}

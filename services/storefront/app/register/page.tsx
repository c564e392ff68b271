import type { Metadata } from 'next';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { register } from '../_actions/account.ts';
import { ActionForm, Field, Submit } from '../_parts/form.tsx';

export const metadata: Metadata = { title: 'Open an account' };

export default function RegisterPage(): ReactNode {
  return (
    <>
      <h1>Open an account</h1>
      <p>So that you find your orders again, and can say what you think of them.</p>
      <ActionForm action={register} label="Open an account">
        <Field name="name" label="What do we call you?" autoComplete="given-name" maxLength={80} />
        <Field name="email" type="email" label="E-mail address" autoComplete="username" maxLength={254} />
        <Field
          name="password"
          type="password"
          label="Password"
          hint="Ten characters or more. Three words do."
          autoComplete="new-password"
          minLength={10}
          maxLength={128}
        />
        <Submit>Open it</Submit>
      </ActionForm>
      <p>
        <br />
        You have one?{' '}
        <Link href="/sign-in" prefetch={false}>
          Sign in
        </Link>
        .
      </p>
    </>
  );
}

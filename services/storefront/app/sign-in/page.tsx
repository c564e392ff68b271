import type { Metadata } from 'next';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { signIn } from '../_actions/account.ts';
import { ActionForm, Field, Submit } from '../_parts/form.tsx';

export const metadata: Metadata = { title: 'Sign in' };

export default function SignInPage(): ReactNode {
  return (
    <>
      <h1>Sign in</h1>
      <p>What is in your bag comes along.</p>
      <ActionForm action={signIn} label="Sign in">
        <Field name="email" type="email" label="E-mail address" autoComplete="username" maxLength={254} />
        <Field name="password" type="password" label="Password" autoComplete="current-password" maxLength={128} />
        <Submit>Sign in</Submit>
      </ActionForm>
      <p>
        <br />
        New here?{' '}
        <Link href="/register" prefetch={false}>
          Open an account
        </Link>
        . You can buy without one.
      </p>
    </>
  );
}

'use server';
import { revalidatePath } from 'next/cache';
import { redirect } from 'next/navigation';
import { cartSchema } from '#services/cart/contract';
import { type SignedIn, signedInSchema } from '#services/gateway/contract';
import { preferencesSchema } from '#services/notifications/contract';
import { addressSchema } from '#services/users/contract';
import { ask, nothing } from '../../shop/ask.ts';
import { currentVisit } from '../../visit.ts';
import { keepCount } from './keep-count.ts';
import { done, failed, type Outcome, refused, textOf } from './outcome.ts';

/** A password takes a while to check, on purpose. In milliseconds. */
const timeoutMs = 4_000;

async function enter(form: FormData, path: string, body: object, words: Record<string, string>): Promise<Outcome> {
  const reply = await ask('post', path, signedInSchema, { body, timeoutMs });
  if (!reply.ok) return failed(form, reply, words);
  goOnAs(reply.value);
  const cart = await ask('get', '/api/cart', cartSchema);
  if (cart.ok) keepCount(cart.value);
  revalidatePath('/', 'layout');
  redirect('/account');
}

function goOnAs({ token, expiresAt, sessionId, refreshToken }: SignedIn): void {
  const { session, keep } = currentVisit();
  const { pieces = 0, channel = 'web' as const } = session ?? {};
  keep({ token, sessionId, refreshToken, expiresAtMs: Date.parse(expiresAt), pieces, channel });
}

export async function signIn(_before: Outcome, form: FormData): Promise<Outcome> {
  const body = { email: textOf(form, 'email'), password: String(form.get('password') ?? '') };
  return enter(form, '/api/sign-in', body, {
    credentials_wrong: 'Address and password do not go together.',
    too_many_attempts: 'Too many wrong passwords for this address: wait some minutes.',
  });
}

export async function register(_before: Outcome, form: FormData): Promise<Outcome> {
  const password = String(form.get('password') ?? '');
  if (password.length < 10) return refused(form, 'A password of ten characters or more, please.', 'password');
  const body = { email: textOf(form, 'email'), name: textOf(form, 'name'), password };
  return enter(form, '/api/register', body, { email_taken: 'There is an account of this address: sign in.' });
}

export async function signOut(): Promise<void> {
  const { session, keep } = currentVisit();
  const { refreshToken } = session ?? {};
  // Whatever the answer is, this browser forgets.
  if (refreshToken) await ask('post', '/api/sign-out', nothing, { body: { refreshToken } });
  keep(null);
  revalidatePath('/', 'layout');
  redirect('/');
}

export async function addAddress(_before: Outcome, form: FormData): Promise<Outcome> {
  const names = ['name', 'street', 'postcode', 'city', 'country'];
  const body = Object.fromEntries(names.map((name) => [name, textOf(form, name)]));
  const reply = await ask('post', '/api/account/addresses', addressSchema, {
    body: { ...body, country: textOf(form, 'country').toUpperCase() },
  });
  if (!reply.ok) return failed(form, reply);
  revalidatePath('/account');
  return done('Written down.');
}

export async function removeAddress(_before: Outcome, form: FormData): Promise<Outcome> {
  const id = encodeURIComponent(textOf(form, 'addressId'));
  const reply = await ask('delete', `/api/account/addresses/${id}`, nothing);
  if (!reply.ok) return failed(form, reply);
  revalidatePath('/account');
  return done('Removed.');
}

export async function changePreferences(_before: Outcome, form: FormData): Promise<Outcome> {
  const body = { orders: textOf(form, 'orders'), account: textOf(form, 'account') };
  const reply = await ask('put', '/api/account/preferences', preferencesSchema, { body });
  if (!reply.ok) return failed(form, reply);
  revalidatePath('/account');
  return done('As you wish.');
}

export async function deleteAccount(_before: Outcome, form: FormData): Promise<Outcome> {
  if (textOf(form, 'sure') !== 'yes') return refused(form, 'Say that you are sure first.', 'sure');
  const reply = await ask('delete', '/api/account', nothing);
  if (!reply.ok) return failed(form, reply);
  currentVisit().keep(null);
  revalidatePath('/', 'layout');
  redirect('/?farewell=1');
}

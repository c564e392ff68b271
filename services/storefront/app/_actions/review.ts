'use server';
import { revalidatePath } from 'next/cache';
import { reviewSchema } from '#services/reviews/contract';
import { ask } from '../../shop/ask.ts';
import { done, failed, type Outcome, refused, textOf } from './outcome.ts';

/** Says what somebody thinks of what they bought. */
export async function postReview(_before: Outcome, form: FormData): Promise<Outcome> {
  const rating = Number(textOf(form, 'rating'));
  if (!(rating >= 1 && rating <= 5)) return refused(form, 'How many stars?', 'rating');
  const path = `/api/products/${encodeURIComponent(textOf(form, 'productId'))}/reviews`;
  const body = { orderId: textOf(form, 'orderId'), rating, title: textOf(form, 'title'), text: textOf(form, 'text') };
  const reply = await ask('post', path, reviewSchema, { body, idempotent: true });
  if (!reply.ok) return failed(form, reply);
  revalidatePath('/products/[id]', 'page');
  return done(
    reply.value.status === 'published' ? 'Thank you. It is on the page.' : 'Thank you. Somebody reads it first.',
  );
}

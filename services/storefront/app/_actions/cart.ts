'use server';
import { revalidatePath } from 'next/cache';
import { type Cart, cartSchema, maxQuantity } from '#services/cart/contract';
import { ask, type Reply } from '../../shop/ask.ts';
import { countOf } from '../../shop/words.ts';
import { keepCount } from './keep-count.ts';
import { done, failed, type Outcome, refused, textOf } from './outcome.ts';

const words = {
  token_missing: 'We could not open a bag for you. Reload the page, and try again.',
  unknown_sku: 'We do not have this one any more.',
};

/** Takes over what the gateway says is in the bag now. */
function show(reply: Reply<Cart>): void {
  if (reply.ok) keepCount(reply.value);
  revalidatePath('/', 'layout');
}

function setQuantity(sku: string, quantity: number): Promise<Reply<Cart>> {
  return quantity < 1
    ? ask('delete', `/api/cart/items/${encodeURIComponent(sku)}`, cartSchema)
    : ask('post', '/api/cart/items', cartSchema, { body: { sku, quantity }, idempotent: true });
}

/** One more of an article, which is a colour and a size. */
export async function addToBag(_before: Outcome, form: FormData): Promise<Outcome> {
  const [colour, size] = [textOf(form, 'colour'), textOf(form, 'size')];
  if (size === '') return refused(form, 'Choose a size first.', 'size');
  const sku = `${colour}-${size}`;
  const cart = await ask('get', '/api/cart', cartSchema);
  if (!cart.ok) return failed(form, cart, words);
  const there = cart.value.items.find((item) => item.sku === sku)?.quantity ?? 0;
  if (there >= maxQuantity) return refused(form, `That is ${maxQuantity} already: more than we sell at once.`);
  const reply = await setQuantity(sku, there + 1);
  if (!reply.ok) return failed(form, reply, words);
  show(reply);
  return { ...done(`In your bag: ${countOf(there + 1, 'piece', 'pieces')} of it.`), values: { size, colour } };
}

/** Another number of an article in the bag; none takes it out. */
export async function changeBag(_before: Outcome, form: FormData): Promise<Outcome> {
  const quantity = Number(textOf(form, 'quantity'));
  if (!Number.isInteger(quantity) || quantity < 0 || quantity > maxQuantity) {
    return refused(form, `A number from 0 to ${maxQuantity}, please.`, 'quantity');
  }
  const reply = await setQuantity(textOf(form, 'sku'), quantity);
  if (!reply.ok) return failed(form, reply, words);
  show(reply);
  return done('Changed.');
}

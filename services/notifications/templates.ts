import type { Topic } from './contract.ts';

export type Template = 'order_confirmed' | 'order_cancelled' | 'payment_refunded' | 'welcome';

/** What a template fills in; never an address. */
export type TemplateData = {
  orderId?: string | undefined;
  totalMinor?: number | undefined;
  currency?: string | undefined;
  lines?: { name: string; quantity: number }[] | undefined;
};

export type Words = { subject: string; text: string };

/** Which events are written about, and where the customer says whether they want to know. */
export const templatesByEvent: Readonly<Record<string, { template: Template; topic: Topic }>> = {
  'order.confirmed': { template: 'order_confirmed', topic: 'orders' },
  'order.cancelled': { template: 'order_cancelled', topic: 'orders' },
  'payment.refunded': { template: 'payment_refunded', topic: 'orders' },
  'user.registered': { template: 'welcome', topic: 'account' },
};

const writers: Record<Template, (data: TemplateData) => Words> = {
  order_confirmed: (data) => ({
    subject: `Your order ${shortId(data.orderId)} is confirmed`,
    text: `Thank you for your order.\n\n${listLines(data)}\n\nTotal: ${formatMoney(data)}`,
  }),
  order_cancelled: (data) => ({
    subject: `Your order ${shortId(data.orderId)} was cancelled`,
    text: 'Nothing was bought, and nothing stays charged.',
  }),
  payment_refunded: (data) => ({
    subject: `Your payment for order ${shortId(data.orderId)} was given back`,
    text: `${formatMoney(data)} is on its way to you. It takes your bank a few days to show it.`,
  }),
  welcome: () => ({
    subject: 'Welcome',
    text: 'Your account is ready. Your orders and addresses are under “Account”.',
  }),
};

/** Subject and text of a mail. */
export function write(template: Template, data: TemplateData): Words {
  return writers[template](data);
}

/** One mail out of many: their subjects as headings. */
export function writeDigest(parts: readonly Words[]): Words {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  return {
    subject: `${parts.length} messages from the shop`,
    text: parts.map(({ subject, text }) => `${subject}\n\n${text}`).join('\n\n—\n\n'),
  };
}

function shortId(orderId: string | undefined): string {
  return (orderId ?? '').slice(0, 8).toUpperCase();
}

function listLines({ lines = [] }: TemplateData): string {
  return lines.map(({ name, quantity }) => `${quantity} × ${name}`).join('\n');
}

function formatMoney({ totalMinor = 0, currency = 'EUR' }: TemplateData): string {
  return new Intl.NumberFormat('en-IE', { style: 'currency', currency }).format(totalMinor / 100);
}

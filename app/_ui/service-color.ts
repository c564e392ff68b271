const shop: Record<string, string> = {
  gateway: 'indigo',
  catalog: 'teal',
  cart: 'cyan',
  orders: 'grape',
  payments: 'blue',
  inventory: 'lime',
  shoppers: 'gray',
};

// Neither red nor yellow nor orange: those are states.
const others = ['violet', 'green', 'indigo', 'teal', 'cyan', 'grape', 'blue', 'lime'];

/** The colour of a service on all pages, a shade that reads on light and dark. */
export function serviceColor(service: string): string {
  if (Object.hasOwn(shop, service)) return `${shop[service]}.6`;
  let hash = 7;
  for (const letter of service) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_003;
  return `${others[hash % others.length]}.5`;
}

/** What `openapi.yaml` says about the service. */
export const description = 'The public API of the shop: guest sessions, browsing, cart and checkout.';
export const version = '1.0.0';

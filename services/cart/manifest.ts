/** What `openapi.yaml` says about the service. */
export const description = 'Shopping carts: what a customer means to buy, at the price seen when it was put in.';
export const version = '1.0.0';

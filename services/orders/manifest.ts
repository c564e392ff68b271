/** What `openapi.yaml` says about the service. */
export const description = 'Turns carts into orders: a saga over inventory and payments that ends confirmed or undone.';
export const version = '1.0.0';

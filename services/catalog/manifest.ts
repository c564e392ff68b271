/** What `openapi.yaml` says about the service. */
export const description = 'Products, their variants and prices.';
export const version = '1.0.0';

/** What `openapi.yaml` says about the service. */
export const description = 'How many pieces there are of every SKU, and for whom they are held.';
export const version = '1.0.0';

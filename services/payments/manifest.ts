/** What `openapi.yaml` says about the service. */
export const description = 'Charges payment tokens once and gives money back. Card numbers are refused.';
export const version = '1.0.0';

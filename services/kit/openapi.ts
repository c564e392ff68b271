import { stringify } from 'yaml';
import type { Server } from './server.ts';

/** The service's `openapi.yaml`, made from its routes. A test of each service keeps the file current. */
export async function renderOpenapi(server: Server): Promise<string> {
  await server.ready();
  return stringify(server.swagger(), { aliasDuplicateObjects: false, lineWidth: 120 });
}

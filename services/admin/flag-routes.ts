import { z } from 'zod';
import { problemSchema } from '#services/kit/problem';
import type { Server } from '#services/kit/server';
import { actorHeader, flagListSchema, flagSchema, newFlagSchema } from './contract.ts';
import { type FlagDeps, listFlags, setFlag } from './flags.ts';

/** Adds the routes of flags; they stand behind the staff token like all of `/admin/`. */
export function addFlags(app: Server, flags: FlagDeps): void {
  const tags = ['flags'];
  const list = { response: { 200: flagListSchema, 401: problemSchema, 409: problemSchema } };
  app.get('/admin/flags', { schema: { summary: 'What every flag says', tags, ...list } }, async () => ({
    items: await listFlags(flags),
  }));
  const set = {
    params: z.object({
      key: z
        .string()
        .regex(/^[\w.-]{1,64}$/, 'expected the key of a flag')
        .meta({ example: 'search-typo-tolerance' }),
    }),
    headers: actorHeader,
    body: newFlagSchema,
    response: {
      ...{ 200: flagSchema, 400: problemSchema, 401: problemSchema, 404: problemSchema },
      ...{ 409: problemSchema, 422: problemSchema },
    },
  };
  app.put('/admin/flags/:key', { schema: { summary: 'Sets a flag', tags, ...set } }, async (request) => {
    const { params, headers, body } = request;
    return setFlag(flags, { key: params.key, variant: body.variant, actor: headers['x-actor'] });
  });
}

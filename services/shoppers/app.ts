import { problemSchema } from '#services/kit/problem';
import type { Server } from '#services/kit/server';
import { changeLoad, type Load, loadRequestSchema, loadSchema, viewLoad } from './load.ts';

export type LoadControl = { read: () => Load; write: (load: Load) => void; now: () => number };

/** Adds the routes by which the load is read and changed while it runs. */
export function addRoutes(app: Server, { read, write, now }: LoadControl): void {
  const view = { response: { 200: loadSchema } };
  app.get('/load', { schema: { operationId: 'readLoad', summary: 'The load as it now is', ...view } }, async () =>
    viewLoad(read(), now()),
  );
  app.put(
    '/load',
    {
      schema: {
        operationId: 'changeLoad',
        summary: 'Change the rate, begin or end a flash sale',
        body: loadRequestSchema,
        response: { 200: loadSchema, 400: problemSchema },
      },
    },
    async (request) => {
      write(changeLoad(read(), request.body, now()));
      return viewLoad(read(), now());
    },
  );
}

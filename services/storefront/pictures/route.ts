import { z } from 'zod';
import { DomainError } from '#services/kit/problem';
import type { Server } from '#services/kit/server';
import { picturesPath } from './address.ts';
import { drawPicture } from './draw.ts';
import { nouns } from './garments.ts';

const word = z.string().regex(/^[a-z-]{1,40}$/);
const params = z.object({
  edition: z.string(),
  noun: word,
  material: word,
  colour: word,
  file: z.string().regex(/^\d{1,6}\.svg$/),
});

/** Adds the pictures. All that they show is in their address, so that a browser may keep them for ever. */
export function addPictures(app: Server): void {
  const path = `${picturesPath}/:edition/:noun/:material/:colour/:file`;
  app.get(path, { schema: { hide: true, params } }, async ({ params: { noun, material, colour, file } }, reply) => {
    if (!nouns.includes(noun)) throw new DomainError('not_found', 404, 'There is no such picture.');
    return reply
      .header('content-type', 'image/svg+xml')
      .header('cache-control', 'public, max-age=31536000, immutable')
      .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
      .header('x-content-type-options', 'nosniff')
      .send(drawPicture({ noun, material, colour, number: Number.parseInt(file, 10) }));
  });
}

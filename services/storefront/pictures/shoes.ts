import { area, dot, line, type Mark, stitch } from './ink.ts';

export type Shoe = 'boots' | 'loafers' | 'trainers' | 'flats' | 'sandals';

/** One shoe from the side, its pair behind it. */
export function drawShoes(kind: Shoe): Mark[] {
  return [
    { dx: 26, dy: -58 },
    { dx: -16, dy: 20 },
  ].flatMap(({ dx, dy }) => shoes[kind]().map((mark) => shift(mark, dx, dy)));
}

function shift(mark: Mark, dx: number, dy: number): Mark {
  if (mark.kind === 'dot') return { ...mark, x: mark.x + dx, y: mark.y + dy };
  const d = mark.d.replaceAll(/(-?[\d.]+)[ ,](-?[\d.]+)/g, (_all, x, y) => `${Number(x) + dx} ${Number(y) + dy}`);
  return { ...mark, d };
}

const shoes: Record<Shoe, () => Mark[]> = {
  boots: () => [
    area(
      'M92 150 C120 142 150 142 176 150 C178 200 184 222 206 238 C240 256 292 262 312 286 C318 298 316 306 312 312 L88 312 C84 260 96 220 92 150 Z',
    ),
    area(
      'M150 148 C160 148 170 149 176 150 C178 190 182 212 196 230 C182 246 168 246 158 232 C152 200 152 170 150 148 Z',
      'dark',
    ),
    area('M84 310 L314 310 L316 326 L150 326 L150 346 L84 346 Z', 'lining', true),
    area('M104 146 C106 132 118 132 120 145 L118 158 L106 158 Z', 'dark'),
    stitch('M92 302 C170 302 240 302 308 304', 'light'),
  ],
  loafers: () => [
    area(
      'M84 262 C90 244 108 240 122 250 C150 266 172 258 190 240 C214 236 290 258 314 290 C318 300 316 308 312 312 L84 312 C80 294 80 276 84 262 Z',
    ),
    area(
      'M86 264 C94 250 108 248 122 258 C150 272 176 264 190 246 L182 262 C160 282 130 284 104 276 Z',
      'lining',
      true,
    ),
    area('M180 252 C196 236 214 240 226 254 C220 276 208 290 194 296 C186 282 182 266 180 252 Z', 'dark'),
    line('M186 268 C200 262 212 262 222 266', { tone: 'metal', width: 5 }),
    line('M226 256 C262 258 290 272 300 286', { width: 2 }),
    area('M82 310 L314 310 L316 322 L138 322 L138 334 L82 334 Z', 'lining', true),
  ],
  trainers: () => [
    area(
      'M86 236 C96 222 112 226 122 240 C146 262 172 250 190 226 C214 240 246 268 296 276 C314 282 318 296 316 306 L84 306 C78 284 80 256 86 236 Z',
    ),
    area('M84 250 C96 240 104 262 116 276 C120 288 118 298 114 306 L84 306 C80 288 80 268 84 250 Z', 'dark'),
    area('M240 262 C262 274 292 274 306 282 C314 290 316 298 316 306 L256 306 C244 296 238 280 240 262 Z', 'dark'),
    line('M136 296 C160 296 186 284 204 258', { tone: 'accent', width: 7 }),
    ...[0, 1, 2, 3].map((row) =>
      line(`M${184 + row * 14} ${240 + row * 9} L${204 + row * 13} ${232 + row * 9}`, { tone: 'accent', width: 4 }),
    ),
    area('M80 304 L316 304 C320 316 318 326 308 330 L92 330 C82 328 78 318 80 304 Z', 'sole', true),
    line('M84 316 L316 316', { tone: 'deep', width: 1.4 }),
  ],
  flats: () => [
    area(
      'M88 276 C92 262 104 262 112 272 C140 296 190 300 226 284 C258 270 300 278 314 298 C318 308 314 314 308 316 L90 316 C84 304 84 288 88 276 Z',
    ),
    area('M96 274 C110 264 210 262 236 278 C200 302 140 300 112 276 Z', 'lining', true),
    area(
      'M248 284 C236 270 226 274 228 286 C228 296 238 296 248 284 C260 272 272 274 270 286 C270 296 258 296 248 284 Z',
      'dark',
    ),
    dot(248, 285, 4.5, 'deep'),
    area('M88 314 L312 314 L314 322 L88 324 Z', 'lining', true),
  ],
  sandals: () => [
    area(
      'M196 304 C200 272 224 250 252 250 C282 250 300 280 306 304 L280 306 C272 288 262 276 250 276 C236 276 226 288 222 306 Z',
    ),
    area('M92 306 C86 270 90 236 104 214 L126 220 C116 242 114 276 118 306 Z', 'dark'),
    area('M104 214 C130 204 166 214 186 240 L222 300 L198 306 L168 252 C152 236 134 232 114 240 Z'),
    area('M158 228 L178 222 L184 246 L164 252 Z', 'metal', true),
    area('M80 302 C140 306 250 296 316 304 L318 320 C250 326 140 326 80 322 Z', 'sole', true),
    area('M80 322 L318 320 L316 330 L160 334 L160 346 L82 346 Z', 'lining', true),
  ],
};

import { area, dot, line, type Mark, pair, pairOfLines, symmetric } from './ink.ts';

export type Neck = 'crew' | 'roll' | 'deep' | 'collar' | 'band' | 'straps' | 'hood' | 'lapels' | 'funnel' | 'boat';
export type Front = 'closed' | 'buttons' | 'zip' | 'wrap' | 'double' | 'cables' | 'kangaroo' | 'polo' | 'belted';

/** y of the sides of the neck. */
export const top = 96;

type Room = { begin: number; hem: number };

/** What is on the front of a garment, from where the neck ends to the hem. */
export const fronts: Record<Front, (room: Room) => Mark[]> = {
  closed: () => [],
  buttons: ({ begin, hem }) => [
    line(`M193 ${begin}V${hem + 6}M207 ${begin}V${hem + 6}`, { width: 1.4 }),
    ...buttons(begin + 14, hem, 34),
  ],
  polo: ({ begin }) => [
    area(`M192 ${begin - 4}H208V${begin + 60}H192Z`, 'dark'),
    ...buttons(begin + 12, begin + 56, 22),
  ],
  zip: ({ begin, hem }) => [
    line(`M200 ${begin}V${hem + 6}`, { tone: 'metal', width: 4 }),
    line(`M200 ${begin}V${hem + 6}`, { width: 1, dash: '2 2' }),
    ...pairOfLines(`M34 ${hem - 74} L58 ${hem - 40}`, { width: 3 }),
  ],
  wrap: ({ begin }) => [
    area(`M164 ${top}L200 ${begin + 96}L236 ${top}L228 ${top}L200 ${top + 50}L172 ${top}Z`, 'dark'),
    line(`M164 ${top + 4}C176 170 214 220 276 250`, { width: 2.4 }),
    area('M122 244C170 254 230 254 278 244L279 264C230 274 170 274 121 264Z', 'dark'),
    line('M262 258C270 300 262 330 270 356M270 258C286 292 284 316 292 338', { tone: 'dark', width: 7 }),
  ],
  double: ({ begin, hem }) => [
    line(`M186 ${begin}V${hem + 5}`, { width: 1.6 }),
    ...[178, 222].flatMap((x) => buttons(begin + 10, begin + 96, 38, x)),
    ...pocketFlaps(hem),
  ],
  cables: ({ begin, hem }) => [-34, 0, 34].map((x) => cable(200 + x, begin + 12, hem - 24)),
  kangaroo: ({ hem }) => [
    area(`M148 ${hem - 22}L158 ${hem - 86}H242L252 ${hem - 22}Z`, 'dark'),
    line('M186 134C184 160 186 176 184 190M214 134C216 160 214 180 217 196', { tone: 'accent', width: 3 }),
  ],
  belted: ({ begin, hem }) => [
    line(`M188 ${begin}V${hem + 5}`, { width: 1.6 }),
    ...[176, 224].flatMap((x) => buttons(begin + 6, begin + 70, 34, x)),
    area('M119 250C170 258 230 258 281 250L282 272C230 280 170 280 118 272Z', 'dark'),
    area('M186 249H216V283H186Z', 'metal', true),
    area('M192 256H210V276H192Z', 'dark'),
    ...pocketFlaps(hem),
  ],
};

/** What is around the neck. */
export const necklines: Record<Neck, () => Mark[]> = {
  crew: () => [
    line('M168 101Q176 122 200 122Q224 122 232 101', { tone: 'dark', width: 10 }),
    line('M160 100Q172 129 200 129Q228 129 240 100', { width: 1.4 }),
  ],
  boat: () => [line('M151 99Q200 116 249 99', { width: 2.4 })],
  deep: () => [line('M164 96L200 158L236 96', { tone: 'dark', width: 8 })],
  roll: () => [
    area(
      symmetric(
        [0, 56],
        [
          [30, 56, 33, 62],
          [38, 96],
          [30, 112, 0, 114],
        ],
      ),
      'dark',
    ),
    ...[-22, -11, 0, 11, 22].map((x) => line(`M${200 + x * 0.9} 60L${200 + x} 110`, { width: 1.4 })),
  ],
  collar: () => [
    ...pair('M0 126 L18 92 L38 90 L46 124 L22 138 Z', 'light'),
    ...pairOfLines('M0 126 L22 138 L46 124', { width: 1.4 }),
  ],
  band: () => [
    area(
      symmetric(
        [0, 92],
        [
          [26, 90, 35, 86],
          [39, 100],
          [26, 112, 0, 114],
        ],
      ),
      'light',
    ),
  ],
  hood: () => [line('M158 104Q176 132 200 133Q224 132 242 104', { width: 2 })],
  lapels: () => [
    ...pair('M0 216 L34 92 L44 94 L62 142 L48 148 L56 158 Z', 'dark'),
    ...pairOfLines('M0 216 L56 158 L48 148 L62 142', { width: 1.6 }),
  ],
  funnel: () => [
    area(
      symmetric(
        [0, 64],
        [
          [30, 62, 37, 66],
          [42, 100],
          [26, 110, 0, 110],
        ],
      ),
      'dark',
    ),
  ],
  straps: () => [line('M150 139Q176 133 200 159Q224 133 250 139', { width: 2.4 })],
};

function buttons(from: number, to: number, step: number, x = 200): Mark[] {
  return Array.from({ length: Math.max(1, Math.floor((to - from) / step)) }, (_, index) => dot(x, from + index * step));
}

function pocketFlaps(hem: number): Mark[] {
  const y = Math.min(hem - 56, 318);
  return pair(`M28 ${y} L66 ${y - 4} L68 ${y + 12} L28 ${y + 16} Z`, 'dark');
}

function cable(x: number, from: number, to: number): Mark {
  const turns = Math.floor((to - from) / 28);
  const twist = Array.from({ length: turns }, (_, index) => {
    const y = from + index * 28;
    return `M${x - 8} ${y}C${x - 8} ${y + 14} ${x + 8} ${y + 14} ${x + 8} ${y + 28}M${x + 8} ${y}C${x + 8} ${y + 14} ${x - 8} ${y + 14} ${x - 8} ${y + 28}`;
  });
  return line(twist.join(''), { width: 3.4 });
}

import { area, dot, line, type Mark, pair, pairOfLines, stitch, symmetric } from './ink.ts';

export type Accessory = 'scarf' | 'beanie' | 'belt' | 'gloves' | 'sunglasses';

const accessories: Record<Accessory, () => Mark[]> = {
  scarf: () => [
    area('M128 118C150 84 250 84 272 118C286 150 256 186 200 188C144 186 114 150 128 118Z', 'dark'),
    area('M152 122C170 104 230 104 248 122C244 144 156 144 152 122Z', 'lining', true),
    area('M214 150C250 150 268 176 262 214L276 404H206L204 210Z'),
    area('M150 150C190 150 214 170 212 214L194 440H122L140 214C138 186 138 168 150 150Z', 'base'),
    line('M136 380H199M134 396H198M207 348H272M207 362H273', { tone: 'accent', width: 5 }),
    ...[0, 1, 2, 3, 4, 5].map((i) => line(`M${126 + i * 13} 440v24`, { tone: 'dark', width: 4 })),
    ...[0, 1, 2, 3, 4].map((i) => line(`M${212 + i * 14} 404v22`, { tone: 'dark', width: 4 })),
  ],
  beanie: () => [
    dot(200, 124, 30, 'light'),
    ...Array.from({ length: 18 }, (_, index) => (index * Math.PI) / 9).map((angle) =>
      line(`M200 124L${200 + 36 * Math.cos(angle)} ${124 + 36 * Math.sin(angle)}`, { tone: 'base', width: 3 }),
    ),
    area(
      symmetric(
        [0, 148],
        [
          [86, 150, 98, 300],
          [50, 318, 0, 318],
        ],
      ),
    ),
    ...[-60, -30, 0, 30, 60].map((x) =>
      line(`M${200 + x * 0.5} 156Q${200 + x} 220 ${200 + x * 1.1} 300`, { width: 2 }),
    ),
    area(
      symmetric(
        [0, 296],
        [
          [54, 296, 102, 284],
          [108, 350],
          [56, 372, 0, 372],
        ],
      ),
      'dark',
    ),
    ...Array.from({ length: 13 }, (_, index) => 200 - 90 + index * 15).map((x) =>
      line(`M${x} 302L${x} 362`, { width: 1.6 }),
    ),
  ],
  belt: () => [
    area(
      'M200 120C300 120 330 190 330 250C330 320 290 380 200 380C110 380 70 320 70 250C70 190 100 120 200 120ZM200 152C130 152 104 200 104 250C104 304 138 346 200 346C262 346 296 304 296 250C296 200 270 152 200 152Z',
    ),
    area('M196 338L330 352C344 354 344 386 330 388L196 382Z', 'dark'),
    area('M150 326H214V394H150ZM164 340H200V380H164Z', 'metal', true),
    line('M176 360H216', { tone: 'metal', width: 7 }),
    ...[246, 270, 294].map((x) => dot(x, 366, 4, 'lining')),
    stitch('M200 128C292 128 322 194 322 250M78 250C78 194 108 128 200 128'),
  ],
  gloves: () => [
    ...pair(
      'M26 400 L22 286 C4 262 -2 236 8 226 C18 220 26 236 36 252 L36 150 C36 132 54 132 56 150 L60 126 C62 108 80 110 80 128 L84 120 C88 106 104 110 104 126 L104 148 C110 134 126 138 124 156 L118 290 L114 400 Z',
    ),
    ...pair('M22 386 L118 386 L120 430 L20 430 Z', 'dark'),
    ...pairOfLines('M57 152 L60 240 M80 132 L82 240 M104 142 L102 240', { width: 1.6 }),
    ...pairOfLines('M44 270 L46 330 M68 266 L70 330 M92 270 L92 330', { tone: 'light', width: 2 }),
  ],
  sunglasses: () => [
    ...pairOfLines('M122 214 C158 206 162 270 140 330', { tone: 'dark', width: 9 }),
    ...pair('M16 220 C20 204 108 200 124 212 C134 250 116 296 76 298 C34 298 14 262 16 220 Z'),
    ...pair('M28 226 C34 214 100 212 112 222 C118 252 104 284 76 286 C44 286 26 258 28 226 Z', 'lining', true),
    ...pairOfLines('M44 232 L62 226 M42 250 L84 228', { tone: 'light', width: 4 }),
    line('M184 226C190 212 210 212 216 226', { tone: 'base', width: 9 }),
  ],
};

export function drawAccessory(kind: Accessory): Mark[] {
  return accessories[kind]();
}

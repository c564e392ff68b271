import { area, dot, line, type Mark, pair, stitch, symmetric } from './ink.ts';

export type Bag = 'tote' | 'cross-body' | 'backpack' | 'clutch' | 'weekender';

const bags: Record<Bag, () => Mark[]> = {
  tote: () => [
    line('M148 200C146 90 254 90 252 200', { tone: 'lining', width: 11 }),
    area(
      symmetric(
        [0, 190],
        [
          [104, 186],
          [92, 410],
          [46, 420, 0, 420],
        ],
      ),
    ),
    line('M160 212C158 122 242 122 240 212', { tone: 'dark', width: 11 }),
    stitch('M104 204L296 204'),
    area('M150 208H172V246H150ZM228 208H250V246H228Z', 'dark'),
    area('M176 300H224V340H176Z', 'dark'),
  ],
  'cross-body': () => [
    line('M112 250C90 60 310 60 288 250', { tone: 'dark', width: 7 }),
    area(
      'M104 236C104 224 112 220 122 220H278C288 220 296 224 296 236V372C296 388 286 396 272 396H128C114 396 104 388 104 372Z',
    ),
    area('M104 236C104 224 112 220 122 220H278C288 220 296 224 296 236V296C266 330 134 330 104 296Z', 'dark'),
    area('M186 304H214V338H186Z', 'metal', true),
    dot(200, 326, 4, 'lining'),
    stitch('M114 300C144 330 256 330 286 300'),
  ],
  backpack: () => [
    line('M176 118C176 84 224 84 224 118', { tone: 'lining', width: 9 }),
    ...pair('M84 190 C112 196 116 320 96 372 L82 368 C96 320 94 240 74 204 Z', 'dark'),
    area(
      symmetric(
        [0, 110],
        [
          [76, 110, 90, 176],
          [100, 300, 92, 404],
          [86, 418, 0, 418],
        ],
      ),
    ),
    area(
      symmetric(
        [0, 112],
        [
          [72, 112, 84, 172],
          [86, 224, 0, 232],
        ],
      ),
      'dark',
    ),
    area(
      symmetric(
        [0, 290],
        [
          [64, 290, 68, 304],
          [68, 390],
          [60, 400, 0, 400],
        ],
      ),
      'dark',
    ),
    line('M138 310H262', { tone: 'metal', width: 4 }),
    line('M176 196V268M224 196V268', { tone: 'lining', width: 8 }),
    area('M168 250H184V270H168ZM216 250H232V270H216Z', 'metal', true),
  ],
  clutch: () => [
    line('M300 240C340 250 344 330 306 344', { tone: 'dark', width: 8 }),
    area('M78 206H322V360C322 368 316 374 308 374H92C84 374 78 368 78 360Z'),
    area('M78 206H322L214 312C206 320 194 320 186 312Z', 'dark'),
    dot(200, 306, 11, 'metal'),
    dot(200, 306, 5, 'lining'),
    stitch('M90 212L192 306M310 212L208 306'),
  ],
  weekender: () => [
    line('M140 236C140 130 260 130 260 236', { tone: 'lining', width: 12 }),
    area(
      'M66 236C66 214 82 204 104 204H296C318 204 334 214 334 236L344 372C344 388 332 396 316 396H84C68 396 56 388 56 372Z',
    ),
    line('M150 250C150 164 250 164 250 250', { tone: 'dark', width: 12 }),
    area('M138 204H162V396H138ZM238 204H262V396H238Z', 'dark'),
    line('M84 222H316', { tone: 'metal', width: 4 }),
    area(
      'M56 360L58 344C90 352 100 372 100 396H84C68 396 56 388 56 372ZM344 360L342 344C310 352 300 372 300 396H316C332 396 344 388 344 372Z',
      'dark',
    ),
    dot(150, 270, 5),
    dot(250, 270, 5),
  ],
};

export function drawBag(kind: Bag): Mark[] {
  return bags[kind]();
}

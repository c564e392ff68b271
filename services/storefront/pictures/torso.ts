import { area, line, type Mark, pair, pairOfLines, type Segment, stitch, symmetric } from './ink.ts';
import { type Front, fronts, type Neck, necklines, top } from './torso-details.ts';

/** What is worn on the upper body, laid flat. Lengths are y of the hem, widths offsets from the middle. */
export type Torso = {
  neck: Neck;
  sleeves: 'long' | 'short' | 'none';
  hem: number;
  front: Front;
  /** How far the hem is from the middle. */
  flare: number;
  /** How much narrower the waist is than the chest. */
  waist: number;
  quilted: 'no' | 'tubes' | 'diamonds';
  ribbed: boolean;
  /** A second colour across: what sailors wear. */
  striped: boolean;
};

const plain: Torso = {
  ...{ neck: 'crew', sleeves: 'long', hem: 340, front: 'closed', flare: 84, waist: 2 },
  ...{ quilted: 'no', ribbed: false, striped: false },
};

const shoulder = { x: 92, y: 116 };
const armpit = { x: 82, y: 190 };

/** How deep the neck is cut, below its sides. */
const depths: Record<Neck, number> = {
  ...{ crew: 26, roll: 10, deep: 62, collar: 30, band: 16, straps: 0, hood: 30, lapels: 118, funnel: 8, boat: 12 },
};

/** Draws a garment; what is not said is as in a plain jumper. */
export function drawTorso(given: Partial<Torso>): Mark[] {
  const torso = { ...plain, ...given };
  return [
    ...(torso.neck === 'hood' ? hood() : []),
    ...sleeves(torso),
    ...inside(torso),
    area(body(torso)),
    ...(torso.striped ? stripes(torso) : []),
    ...quilting(torso),
    ...fronts[torso.front]({ begin: top + depths[torso.neck], hem: torso.hem }),
    ...necklines[torso.neck](),
    ...hem(torso),
  ];
}

function isStrappy({ neck }: Torso): boolean {
  return neck === 'straps';
}

function body(torso: Torso): string {
  const { hem, flare, waist, neck } = torso;
  const waistY = Math.min(262, (armpit.y + hem) / 2);
  const side: Segment[] = [
    [armpit.x - waist, waistY - 30, armpit.x - waist, waistY],
    [armpit.x - waist, waistY + 36, flare, hem - 4],
    [flare * 0.5, hem + 7, 0, hem + 7],
  ];
  if (isStrappy(torso)) return symmetric([0, 158], [[22, 134, 50, 138], [66, 158, armpit.x, armpit.y], ...side]);
  const width = neck === 'boat' ? 50 : 36;
  const depth = depths[neck];
  const bend: Segment = neck === 'lapels' || neck === 'deep' ? [width, top] : [width * 0.75, top + depth, width, top];
  return symmetric(
    [0, top + depth],
    [bend, [shoulder.x, shoulder.y], [armpit.x - 8, 150, armpit.x, armpit.y], ...side],
  );
}

function sleeves({ sleeves: kind, ribbed }: Torso): Mark[] {
  if (kind === 'none') return [];
  if (kind === 'short') {
    return [
      ...pair('M84 112 C112 116 126 148 138 190 L106 208 C98 196 90 192 80 192 Z'),
      ...pairOfLines('M135 182 L103 200', { width: 1.6 }),
    ];
  }
  return [
    ...pair('M84 112 C120 120 132 176 156 330 C146 338 134 341 122 341 C116 280 106 220 80 190 Z'),
    ...(ribbed
      ? pair('M154 318 C146 326 132 330 121 330 L123 352 C136 352 150 348 159 340 Z', 'dark')
      : pairOfLines('M153 316 C146 322 132 326 120 326', { width: 1.6 })),
  ];
}

/** The back of the neck, and what one sees of the inside. */
function inside({ neck }: Torso): Mark[] {
  if (neck === 'straps') return pairOfLines('M48 142 C46 118 40 104 36 92', { tone: 'base', width: 6 });
  const width = neck === 'boat' ? 50 : 36;
  const lower = neck === 'lapels' || neck === 'deep' ? 60 : 34;
  return [
    area(
      symmetric(
        [0, top - 10],
        [
          [width * 0.7, top - 8, width, top],
          [width * 0.6, top + lower, 0, top + lower + (neck === 'lapels' ? 50 : 0)],
        ],
      ),
      'lining',
      true,
    ),
  ];
}

function hood(): Mark[] {
  return [
    area(
      symmetric(
        [0, 44],
        [
          [62, 44, 66, 100],
          [66, 124, 40, 134],
          [0, 150],
        ],
      ),
      'dark',
    ),
    area(
      symmetric(
        [0, 62],
        [
          [40, 64, 42, 100],
          [38, 122, 0, 134],
        ],
      ),
      'lining',
      true,
    ),
  ];
}

function stripes({ hem }: Torso): Mark[] {
  const count = Math.floor((hem - 170) / 24);
  return Array.from({ length: count }, (_, index) => {
    const y = 166 + index * 24;
    const inner = y < armpit.y ? 78 : armpit.x - 3;
    return line(`M${200 - inner} ${y}Q200 ${y + 8} ${200 + inner} ${y}`, { tone: 'accent', width: 8 });
  });
}

function quilting({ quilted, hem }: Torso): Mark[] {
  if (quilted === 'no') return [];
  const rows = Math.floor((hem - 150) / 32);
  if (quilted === 'tubes') {
    const tubes = Array.from({ length: rows }, (_, index) => 150 + index * 32);
    return tubes.flatMap((y) => [
      line(`M${200 - 80} ${y}Q200 ${y + 12} ${200 + 80} ${y}`, { width: 2.4 }),
      line(`M${200 - 78} ${y + 5}Q200 ${y + 17} ${200 + 78} ${y + 5}`, { tone: 'light', width: 2 }),
    ]);
  }
  return Array.from({ length: 6 }, (_, index) => -70 + index * 28)
    .flatMap((x) => [
      line(`M${200 + x} 140L${200 + x + 60} ${hem - 6}`, { width: 1.4 }),
      line(`M${200 - x} 140L${200 - x - 60} ${hem - 6}`, { width: 1.4 }),
    ])
    .filter((_, index) => index > 1 && index < 10);
}

function hem({ ribbed, hem: y, flare }: Torso): Mark[] {
  if (!ribbed) return [stitchAlong(y - 8, flare)];
  const band = symmetric(
    [0, y - 12],
    [
      [flare * 0.5, y - 12, flare, y - 22],
      [flare - 6, y + 8],
      [flare * 0.5, y + 18, 0, y + 18],
    ],
  );
  return [
    area(band, 'dark'),
    ...Array.from({ length: 15 }, (_, index) => -70 + index * 10).map((x) =>
      line(`M${200 + x} ${y - 13}v26`, { width: 1.2 }),
    ),
  ];
}

function stitchAlong(y: number, flare: number): Mark {
  return stitch(
    `M${200 - flare + 4} ${y - 4}Q${200 - flare * 0.5} ${y + 7} 200 ${y + 7}Q${200 + flare * 0.5} ${y + 7} ${200 + flare - 4} ${y - 4}`,
  );
}

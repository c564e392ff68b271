import { area, dot, line, type Mark, pairOfLines, stitch, symmetric } from './ink.ts';

export type Legs = {
  /** y where they end. */
  hem: number;
  /** Width of a leg at the hem, and at the knee. */
  cuff: number;
  knee: number;
  kind: 'jeans' | 'pleats' | 'chinos' | 'leggings' | 'shorts';
};

const waistY = 84;

/** Trousers, laid flat. */
export function drawLegs({ hem, cuff, knee, kind }: Legs): Mark[] {
  const kneeY = (waistY + hem) / 2 + 20;
  const inner = kind === 'shorts' ? 12 : 10;
  const spread = kind === 'leggings' ? 6 : 12;
  const shape = symmetric(
    [0, waistY],
    [
      [62, waistY],
      [80, 150, inner + spread * 0.5 + knee, kneeY],
      [inner + spread + cuff, hem],
      [inner + spread + cuff * 0.5, hem + 6, inner + spread, hem],
      [inner, kneeY],
      [0, 214],
    ],
  );
  const band = symmetric(
    [0, waistY - 6],
    [
      [60, waistY - 6],
      [63, waistY + 14],
      [0, waistY + 16],
    ],
  );
  return [area(shape), area(band, 'dark'), ...details(kind, hem, { inner: inner + spread, cuff })];
}

function details(kind: Legs['kind'], hem: number, { inner, cuff }: { inner: number; cuff: number }): Mark[] {
  const fly = line(`M200 ${waistY + 16}V214M214 ${waistY + 16}C214 140 212 158 200 168`, { width: 1.6 });
  const cuffs = pairOfLines(`M${inner} ${hem - 14} L${inner + cuff} ${hem - 14}`, { width: 1.6 });
  switch (kind) {
    case 'leggings':
      return [
        line(`M200 ${waistY + 16}V214`, { width: 1.4 }),
        ...pairOfLines(`M52 130 L${inner + cuff * 0.7} ${hem - 40}`, { tone: 'light', width: 2 }),
      ];
    case 'shorts':
      return [
        line(`M200 ${waistY + 16}V214`, { width: 1.4 }),
        line(`M192 ${waistY + 6}c-4 26 -2 34 -6 46M208 ${waistY + 6}c4 26 2 30 5 42`, { tone: 'accent', width: 3 }),
        ...pairOfLines('M74 120 L96 260', { tone: 'accent', width: 7 }),
      ];
    case 'jeans':
      return [
        fly,
        ...pairOfLines(`M26 ${waistY + 16} C30 132 52 138 70 128`, { tone: 'metal', width: 1.8, dash: '5 3' }),
        ...pairOfLines(`M68 150 C${inner + cuff} 260 ${inner + cuff - 6} 320 ${inner + cuff - 5} ${hem}`, {
          tone: 'metal',
          width: 1.6,
          dash: '5 3',
        }),
        ...pairOfLines(`M${inner} ${hem - 12} L${inner + cuff} ${hem - 12}`, {
          tone: 'metal',
          width: 1.6,
          dash: '5 3',
        }),
        dot(200, waistY + 5, 4.5),
        ...belts(),
      ];
    case 'pleats':
      return [
        fly,
        dot(200, waistY + 5, 3.5),
        ...pairOfLines(`M24 ${waistY + 16} L32 ${hem - 6}`, { width: 1.8 }),
        ...pairOfLines(`M38 ${waistY + 16} L42 190`, { width: 1.6 }),
        ...pairOfLines('M62 108 L74 152', { width: 2.4 }),
        ...belts(),
      ];
    case 'chinos':
      return [fly, dot(200, waistY + 5, 3.5), ...pairOfLines('M58 104 L74 150', { width: 2.4 }), ...cuffs, ...belts()];
  }
}

function belts(): Mark[] {
  return pairOfLines(`M36 ${waistY - 8} L37 ${waistY + 18}`, { tone: 'base', width: 6 });
}

export type Skirt = { hem: number; flare: number; kind: 'plain' | 'pleated' | 'pencil' | 'mini' };

/** A skirt on its hanger's clips. */
export function drawSkirt({ hem, flare, kind }: Skirt): Mark[] {
  const y = 120;
  const shape = symmetric(
    [0, y],
    [
      [56, y],
      [76, y + 60, flare, hem],
      [flare * 0.5, hem + 12, 0, hem + 12],
    ],
  );
  const band = symmetric(
    [0, y - 12],
    [
      [54, y - 12],
      [57, y + 10],
      [0, y + 13],
    ],
  );
  const folds = kind === 'pleated' ? [-0.86, -0.58, -0.29, 0, 0.29, 0.58, 0.86] : kind === 'plain' ? [-0.5, 0.24] : [];
  return [
    area(shape),
    ...folds.map((share) =>
      line(`M${200 + share * 52} ${y + 12}Q${200 + share * 64} ${y + 90} ${200 + share * flare} ${hem + 6}`, {
        width: 2,
      }),
    ),
    ...(kind === 'pleated'
      ? folds.map((share) =>
          line(`M${204 + share * 52} ${y + 12}Q${206 + share * 64} ${y + 90} ${208 + share * flare} ${hem + 4}`, {
            tone: 'light',
            width: 1.6,
          }),
        )
      : []),
    ...(kind === 'pencil'
      ? [
          line(`M200 ${hem - 66}V${hem + 10}`, { width: 2.4 }),
          ...pairOfLines(`M30 ${y + 12} L34 ${y + 62}`, { width: 1.6 }),
        ]
      : []),
    ...(kind === 'mini'
      ? [
          line(`M200 ${y + 12}V${hem + 10}`, { width: 1.6 }),
          ...[0, 1, 2, 3].map((row) => dot(200, y + 28 + row * 34, 4.5)),
          ...pairOfLines(`M24 ${y + 44} L54 ${y + 40}`, { width: 2.4 }),
        ]
      : []),
    area(band, 'dark'),
    stitch(
      `M${203 - flare} ${hem - 8}Q${200 - flare * 0.5} ${hem + 3} 200 ${hem + 3}Q${200 + flare * 0.5} ${hem + 3} ${197 + flare} ${hem - 8}`,
    ),
  ];
}

import type { ReactNode } from 'react';

/** A small line without axes, starting at zero; a null is a gap. */
export function Sparkline({
  values,
  color,
  label,
  width = 120,
  height = 24,
}: {
  values: readonly (number | null)[];
  color: string;
  label: string;
  width?: number;
  height?: number;
}): ReactNode {
  const top = Math.max(...values.map((value) => value ?? 0), Number.MIN_VALUE);
  const stepX = width / Math.max(1, values.length - 1);
  let path = '';
  let pen = 'M';
  values.forEach((value, index) => {
    if (value === null) {
      pen = 'M';
      return;
    }
    path += `${pen}${(index * stepX).toFixed(1)} ${(height - 1.5 - (value / top) * (height - 3)).toFixed(1)}`;
    pen = 'L';
  });
  const [name, shade] = color.split('.');
  return (
    <svg
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={label}
      style={{ display: 'block' }}
    >
      <path
        d={path}
        fill="none"
        stroke={`var(--mantine-color-${name}-${shade})`}
        strokeWidth={1.5}
        strokeLinejoin="round"
      />
    </svg>
  );
}

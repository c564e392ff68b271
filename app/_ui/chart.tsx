'use client';
import { Box, Skeleton, Text } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import dynamic from 'next/dynamic';
import { memo, type ReactNode } from 'react';
import type { TimeChartProps } from './time-chart.tsx';

const usualHeightPx = 190;

const TimeChart = dynamic(() => import('./time-chart.tsx'), {
  ssr: false,
  loading: () => <Skeleton h="100%" radius="sm" />,
});

/** A chart that is loaded where it is used, with its title and unit; its place has the final size from the start. */
export const Chart = memo(function Chart({
  unit,
  ...props
}: Omit<TimeChartProps, 'widthPx'> & { unit: string }): ReactNode {
  const { ref, width } = useElementSize();
  return (
    <Box style={{ minWidth: 0 }} component="figure" m={0}>
      <Text component="figcaption" size="sm" fw={600} mb={2}>
        {props.label}{' '}
        <Text span size="xs" c="dimmed" fw={400}>
          {unit}
        </Text>
      </Text>
      <Box h={props.heightPx ?? usualHeightPx} ref={ref}>
        {width > 0 && <TimeChart {...props} widthPx={width} />}
      </Box>
    </Box>
  );
});

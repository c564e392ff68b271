'use client';
import { type CSSVariablesResolver, createTheme } from '@mantine/core';

/** The one theme. Red is reserved for "customers are hurt now", amber (yellow) for "at risk", grey for "unknown". */
export const theme = createTheme({
  primaryColor: 'indigo',
  defaultRadius: 'sm',
  autoContrast: true,
  luminanceThreshold: 0.35,
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  headings: { sizes: { h1: { fontSize: '1.35rem' }, h2: { fontSize: '1.05rem' }, h3: { fontSize: '0.95rem' } } },
});

/** Dimmed text that still has a contrast of 4.5:1 on both backgrounds. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: { '--mantine-color-dimmed': '#5c636a', '--mantine-color-body': '#fbfbfc' },
  dark: { '--mantine-color-dimmed': '#a6a7ab' },
});

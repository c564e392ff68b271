import { join } from 'node:path';

const repository = join(import.meta.dirname, '../..');

/** @type {import('next').NextConfig} */
const config = {
  // `tsc --noEmit` is a gate of its own; TypeScript 7 has no JavaScript API, so Next may only use its command line.
  typescript: { ignoreBuildErrors: true },
  experimental: { useTypeScriptCli: true, serverActions: { bodySizeLimit: '64kb' } },
  serverExternalPackages: ['@opentelemetry/api'],
  turbopack: {
    root: repository,
    // The SDK and its instrumentations bring two versions, which do not know of each other: no trace would be handed on.
    resolveAlias: { '@opentelemetry/api': { browser: '../../node_modules/@opentelemetry/api/dist/index.mjs' } },
  },
  outputFileTracingRoot: repository,
  poweredByHeader: false,
  devIndicators: false,
  allowedDevOrigins: ['127.0.0.1', 'localhost'],
};

export default config;

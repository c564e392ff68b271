import { join } from 'node:path';

const repository = join(import.meta.dirname, '../..');

/** @type {import('next').NextConfig} */
const config = {
  // `tsc --noEmit` is a gate of its own; TypeScript 7 has no JavaScript API, so Next may only use its command line.
  typescript: { ignoreBuildErrors: true },
  experimental: { useTypeScriptCli: true, serverActions: { bodySizeLimit: '64kb' } },
  serverExternalPackages: ['@opentelemetry/api'],
  turbopack: { root: repository },
  outputFileTracingRoot: repository,
  poweredByHeader: false,
  devIndicators: false,
  allowedDevOrigins: ['127.0.0.1', 'localhost'],
};

export default config;

/** @type {import('next').NextConfig} */
const config = {
  // `tsc --noEmit` is a gate of its own; TypeScript 7 has no JavaScript API, so Next may only use its command line.
  typescript: { ignoreBuildErrors: true },
  experimental: { useTypeScriptCli: true, optimizePackageImports: ['@tabler/icons-react'] },
  serverExternalPackages: ['pg', '@clickhouse/client', '@prisma/client', '@prisma/adapter-pg', 'prom-client'],
  // Next.js strips the type annotations itself; the rooms import one another as `#room/module` and `./module.ts`.
  poweredByHeader: false,
  devIndicators: false,
  allowedDevOrigins: ['127.0.0.1', 'localhost'],
};

export default config;

import { defineConfig } from 'vitest/config';

const everywhere = ['**/node_modules/**', '**/.next/**', '**/.data/**', '**/prisma/generated/**', 'e2e/**'];

export default defineConfig({
  test: {
    // A native module (chDB) and servers with global state: a process for each file, and no more of them at once than
    // a small machine has cores.
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['**/*.test.{ts,tsx}'],
          exclude: [...everywhere, '**/*.integration.test.ts', '**/*.{kafka,redis,peer}.test.ts'],
          testTimeout: 30_000,
        },
      },
      // On what this machine may lack: a Redis; Java and Maven; programs that ours are compared with.
      ...['redis', 'kafka', 'peer'].map((part) => ({
        extends: true as const,
        test: {
          name: part,
          include: [`**/*.${part}.test.ts`],
          exclude: everywhere,
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      })),
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['**/*.integration.test.ts'],
          exclude: everywhere,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});

import { defineConfig } from '@playwright/test';
import { findBrowser } from '#cli/check/browser';

const { executablePath, args, env } = await findBrowser();

export default defineConfig({
  testDir: './tests',
  outputDir: '../test-results',
  globalSetup: './fixtures/instance-setup.ts',
  // One instance for all: tests that break the shop must not run beside each other.
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  retries: 0,
  // A patience, not a promise: a fault, its page and its resolution on a machine that is also busy with something else.
  timeout: 480_000,
  expect: { timeout: 20_000 },
  reporter: 'list',
  use: {
    viewport: { width: 1440, height: 900 },
    launchOptions: { executablePath, args, env },
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
  },
});

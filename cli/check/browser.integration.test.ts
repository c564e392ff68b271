import { chromium } from 'playwright-core';
import { expect, test } from 'vitest';
import { findBrowser } from './browser.ts';

test('whatever this machine has, a browser is found, opens two contexts and renders text with fonts', async () => {
  const { executablePath, args, env } = await findBrowser();
  const browser = await chromium.launch({ executablePath, args, env });
  try {
    for (const word of ['first', 'second']) {
      const page = await (await browser.newContext()).newPage();
      await page.setContent(`<p style="display:inline">${word}</p>`);
      expect(await page.textContent('p')).toBe(word);
      expect(await page.evaluate(() => document.querySelector('p')?.getBoundingClientRect().width)).toBeGreaterThan(10);
    }
  } finally {
    await browser.close();
  }
});

test('CHROMIUM_PATH comes first, and a wrong one is an error, not a reason to look elsewhere', async () => {
  await expect(findBrowser({ CHROMIUM_PATH: process.execPath })).resolves.toMatchObject({
    executablePath: process.execPath,
    origin: 'CHROMIUM_PATH',
  });
  await expect(findBrowser({ CHROMIUM_PATH: '/nowhere/chromium' })).rejects.toThrow('/nowhere/chromium');
});

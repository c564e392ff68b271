import type { Locator, Page } from '@playwright/test';

/**
 * The part of a page that a person sees. What the server still streams stands hidden beside it until it is moved in, so
 * that a text looked for in the whole document can be there twice.
 */
export function mainOf(page: Page): Locator {
  return page.locator('#main');
}

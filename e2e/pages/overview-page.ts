import type { Locator, Page } from '@playwright/test';
import { mainOf } from './main-part.ts';

/** The overview: is the shop healthy? */
export class OverviewPage {
  readonly page: Page;
  readonly headline: Locator;
  readonly pager: Locator;
  readonly services: Locator;
  readonly live: Locator;

  constructor(page: Page) {
    this.page = page;
    this.headline = mainOf(page).getByTestId('headline');
    this.pager = page.getByTestId('pager');
    this.services = mainOf(page).getByRole('table', { name: 'Services' });
    this.live = page.locator('[data-live="live"]');
  }

  async open(query = ''): Promise<void> {
    await this.page.goto(`/${query}`);
    await this.live.waitFor();
  }

  /** Waits until the shop is measured and healthy. */
  async untilHealthy(): Promise<void> {
    await mainOf(this.page).locator('[data-testid="headline"][data-tone="ok"]').waitFor({ timeout: 120_000 });
  }
}

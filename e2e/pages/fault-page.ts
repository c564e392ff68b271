import type { Locator, Page } from '@playwright/test';
import { mainOf } from './main-part.ts';

/** One fault. */
export class FaultPage {
  readonly heading: Locator;
  readonly ledger: Locator;
  readonly acknowledge: Locator;

  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    this.heading = mainOf(page).getByTestId('fault');
    this.ledger = mainOf(page).getByTestId('ledger');
    this.acknowledge = page.getByRole('button', { name: /Acknowledge/ });
  }

  /** Waits until the page, without being reloaded, says so. */
  async untilState(state: 'firing' | 'acknowledged' | 'resolved', timeout = 30_000): Promise<void> {
    await mainOf(this.#page).locator(`[data-testid="fault"][data-state="${state}"]`).waitFor({ timeout });
  }
}

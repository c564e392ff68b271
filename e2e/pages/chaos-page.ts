import type { Locator, Page } from '@playwright/test';
import { mainOf } from './main-part.ts';

/** Breaking things on purpose. */
export class ChaosPage {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async open(): Promise<void> {
    await this.#page.goto('/chaos');
    await this.#page.locator('[data-live="live"]').waitFor();
  }

  activeFault(name: string): Locator {
    return mainOf(this.#page).locator(`[data-testid="active-fault"][data-name="${name}"][data-state="active"]`);
  }

  /** Starts a fault with its form and waits until it is in force. */
  async start(name: string, ttlSeconds: number): Promise<void> {
    await mainOf(this.#page).getByLabel('Fault', { exact: true }).selectOption(name);
    await mainOf(this.#page).getByLabel('Time to live').fill(String(ttlSeconds));
    await mainOf(this.#page)
      .getByRole('button', { name: `Start ${name}` })
      .click();
    await this.activeFault(name).waitFor({ timeout: 15_000 });
  }

  /** Stops a fault and waits until it is gone. */
  async stop(name: string): Promise<void> {
    await mainOf(this.#page)
      .getByRole('button', { name: `Stop ${name}` })
      .click();
    await this.activeFault(name).waitFor({ state: 'detached', timeout: 15_000 });
  }
}

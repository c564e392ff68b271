import type { Page } from 'playwright-core';
import { mainOf } from './main-part.ts';

/** The shop as its customers see it. */
export class StorefrontPage {
  readonly #page: Page;
  readonly #origin: string;

  constructor(page: Page, origin: string) {
    this.#page = page;
    this.#origin = origin;
  }

  /** Opens the shop, and waits until it reports what happens in the browser. */
  async open(): Promise<void> {
    await this.#page.goto(this.#origin);
    await this.#page.locator('html[data-reporting="yes"]').waitFor();
  }

  async search(words: string): Promise<void> {
    await this.#page.getByRole('searchbox').fill(words);
    await this.#page.getByRole('button', { name: 'Search' }).click();
    await mainOf(this.#page).getByRole('heading', { level: 1, name: words }).waitFor();
  }

  /** Opens what was found first. */
  async openFirst(): Promise<string> {
    const first = mainOf(this.#page).getByRole('listitem').first().getByRole('link');
    const name = (await first.textContent()) ?? '';
    await first.click();
    await mainOf(this.#page).getByRole('heading', { level: 1, name }).waitFor();
    return name;
  }

  /** Puts the first size that there is into the bag. */
  async addToBag(): Promise<void> {
    await mainOf(this.#page).locator('input[name="size"]:enabled').first().check({ force: true });
    await mainOf(this.#page).getByRole('button', { name: 'Put it into the bag' }).click();
    await mainOf(this.#page).getByText('In your bag: 1 piece').waitFor();
  }

  /** Goes to the till by the bag, and pays. @returns the id of the order */
  async buy(): Promise<string> {
    await this.#page.getByRole('navigation', { name: 'Yours' }).getByRole('link', { name: /^Bag/ }).click();
    await mainOf(this.#page).getByRole('link', { name: 'To the till' }).click();
    await this.pay('Wallet');
    await this.#page.waitForURL(/\/orders\//);
    return (await mainOf(this.#page).locator('[data-order]').getAttribute('data-order')) ?? '';
  }

  /** Pays at the till. @param way its name, as the page calls it */
  async pay(way: string): Promise<void> {
    await mainOf(this.#page)
      .getByRole('radio', { name: new RegExp(`^${way}`) })
      .check();
    await mainOf(this.#page).getByRole('button', { name: /^Pay/ }).click();
  }

  /** Opens an account with the form that is shown. */
  async register({ name, email, password }: { name: string; email: string; password: string }): Promise<void> {
    await mainOf(this.#page).getByLabel('What do we call you?').fill(name);
    await mainOf(this.#page).getByLabel('E-mail address').fill(email);
    await mainOf(this.#page).getByLabel('Password').fill(password);
    await mainOf(this.#page).getByRole('button', { name: 'Open it' }).click();
    await this.#page.waitForURL(/\/account$/);
  }
}

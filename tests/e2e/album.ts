import { mkdirSync } from 'node:fs'
import path from 'node:path'
import type { Page } from 'playwright-core'

/** Where pictures go: BILEVEL_SCREENSHOTS=docs/screenshots makes those of the documentation; unset, none are taken. */
const FOLDER = process.env['BILEVEL_SCREENSHOTS']

/** Screenshots of the pages, each in the light and in the dark theme. */
export class Album {
  readonly #page: Page

  constructor(page: Page) {
    this.#page = page
  }

  async take(name: string): Promise<void> {
    if (!FOLDER) return
    mkdirSync(FOLDER, { recursive: true })
    const was = await this.#theme()
    for (const theme of ['light', 'dark'] as const) {
      await this.#switchTo(theme)
      // Charts are drawn anew and dialogs come in, with their transitions.
      await this.#page.waitForTimeout(700)
      await this.#page.screenshot({ path: path.join(FOLDER, `${name}-${theme}.png`) })
    }
    await this.#switchTo(was)
  }

  #theme(): Promise<'light' | 'dark'> {
    return this.#page.evaluate(() => (document.documentElement.classList.contains('dark') ? 'dark' : 'light'))
  }

  /** By the page's own switch, pressed from the script: a dialog may lie over it. */
  async #switchTo(theme: 'light' | 'dark'): Promise<void> {
    if ((await this.#theme()) === theme) return
    await this.#page.evaluate(() => document.querySelector<HTMLButtonElement>('nav button.theme')!.click())
  }
}

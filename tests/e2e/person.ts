import { expect } from 'vitest'
import type { Locator, Page } from 'playwright-core'
import { seriousFaults } from './accessibility'
import { Album } from './album'

type Name = string | RegExp

/** How long animations are waited for, in milliseconds: the longest takes a few hundred. */
const PATIENCE = 10_000

/** What a person does in the window, by keyboard wherever a test can. */
export class Person {
  readonly #album: Album

  constructor(readonly page: Page) {
    this.#album = new Album(page)
  }

  button(name: Name): Locator {
    return this.page.getByRole('button', { name, exact: typeof name === 'string' })
  }

  heading(name: Name): Locator {
    return this.page.getByRole('heading', { name, exact: typeof name === 'string' })
  }

  region(name: Name): Locator {
    return this.page.getByRole('region', { name })
  }

  /** Tab until it has the focus. */
  async tabTo(wanted: Locator): Promise<void> {
    for (let tabs = 0; tabs < 300; tabs++) {
      // What is disabled for a moment, while something is checked, is passed over.
      if (tabs % 100 === 0) await expect.poll(() => wanted.isEnabled()).toBe(true)
      if (await wanted.evaluate((element) => element === document.activeElement)) return
      await this.page.keyboard.press('Tab')
    }
    throw new Error(`Tab never reaches ${String(wanted)}.`)
  }

  async press(name: Name, role: 'button' | 'link' | 'radio' = 'button'): Promise<void> {
    await this.tabTo(this.page.getByRole(role, { name, exact: typeof name === 'string' }).first())
    await this.page.keyboard.press('Enter')
  }

  /** Write into a field instead of what stands there. */
  async type(field: Name, text: string): Promise<void> {
    await this.tabTo(this.page.getByLabel(field, { exact: typeof field === 'string' }).first())
    await this.page.keyboard.press('Control+a')
    await this.page.keyboard.type(text)
  }

  async choose(list: string, option: RegExp): Promise<void> {
    await this.tabTo(this.page.getByRole('combobox', { name: list }))
    await this.page.keyboard.press('Enter')
    const wanted = this.page.getByRole('option', { name: option })
    await wanted.waitFor()
    for (let downs = 0; downs < 50; downs++) {
      if ((await wanted.getAttribute('data-p-focused')) === 'true') {
        return this.page.keyboard.press('Enter')
      }
      await this.page.keyboard.press('ArrowDown')
    }
    throw new Error(`The arrow keys never reach ${option} in ${list}.`)
  }

  /** Whether nothing on the page moves by itself for a second: what does costs a training its processor. */
  async seesStillness(): Promise<boolean> {
    return await this.page.evaluate(async () => {
      const until = performance.now() + 15_000
      let since = performance.now()
      while (performance.now() < until && performance.now() - since < 1000) {
        await new Promise((resolve) => setTimeout(resolve, 50))
        if (document.getAnimations().length > 0) since = performance.now()
      }
      return performance.now() - since >= 1000
    })
  }

  /** Look at the page as it stands: pictures in both themes, and what a screen reader would stumble over. */
  async look(name: string): Promise<void> {
    await this.#album.take(name)
    // What is still coming in is half transparent, which axe would take for a fault. Nothing here has a limit of its own,
    // and an animation may never end: its element is hidden, or the machine draws no frames.
    await this.page.evaluate(async (patience) => {
      const ending = document.getAnimations().filter(({ effect }) => effect?.getTiming().iterations === 1)
      const late = new Promise((resolve) => setTimeout(resolve, patience))
      await Promise.race([late, Promise.allSettled(ending.map(({ finished }) => finished))])
    }, PATIENCE)
    expect(await seriousFaults(this.page)).toEqual([])
  }
}

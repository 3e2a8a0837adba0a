/** Programs of their own, and the source that each begins with. */
export const ENTRIES: Readonly<Record<'cli' | 'worker' | 'features' | 'survey', string>>

/** What builds take for @tensorflow/tfjs-core, from the product's folder. */
export const TFJS: string

/** Packages that builds take into themselves. */
export const BUNDLED: readonly string[]

/**
 * The file of an entry's build, for the module `asker` (its URL), and what Node is to be started with for it; in a checkout
 * it is built first when the sources have changed.
 * @throws Error when the sources cannot be built
 */
export function builtEntry(
  name: 'cli' | 'worker' | 'features' | 'survey',
  asker: string
): { readonly file: string; readonly execArgv: readonly string[] }

import { existsSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { Failure } from '../../shared/domain/failure'

/** Parts of the built program: scripts/build/parts.mjs says what each is made from. */
export type BuiltPart = 'main' | 'preload' | 'renderer' | 'licences'

interface Builder {
  buildParts(
    product: string,
    options: { names: readonly BuiltPart[]; say(line: string): void }
  ): Promise<readonly string[]>
}

/** Whether the product is a checkout of its sources; an installed one brings its build. */
export function isCheckout(product: string): boolean {
  return existsSync(path.join(product, 'src/renderer'))
}

/**
 * In a checkout, build of these parts what has changed since it was built.
 * @throws Failure internal with the end of what the build said
 */
export async function buildChanged(
  product: string,
  names: readonly BuiltPart[],
  say: (line: string) => void
): Promise<void> {
  const script = pathToFileURL(path.join(product, 'scripts/build/parts.mjs')).href
  // Not bundled: a package has no sources, and needs no builder.
  const { buildParts } = (await import(script)) as Builder
  try {
    await buildParts(product, { names, say })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Failure('internal', `The build failed: ${reason}`, 'Run "npm ci" and try again.', {
      cause: error
    })
  }
}

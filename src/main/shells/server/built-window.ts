import { existsSync } from 'node:fs'
import path from 'node:path'
import { Failure } from '../../../shared/domain/failure'
import { productFolder } from '../../files/product'
import { buildChanged, isCheckout } from '../checkout-build'

/**
 * The folder of the built window; in a checkout it is built first when it is missing or its sources have changed.
 * @throws Failure internal when it can neither be found nor built
 */
export async function builtWindow(note: (line: string) => void): Promise<string> {
  const product = productFolder()
  const built = path.join(product, 'out/renderer')
  if (isCheckout(product)) await buildChanged(product, ['renderer', 'licences'], note)
  if (existsSync(path.join(built, 'index.html'))) return built
  throw new Failure('internal', `The window is missing from ${built}.`, 'Install Bilevel Workbench again.')
}

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { _electron } from 'playwright-core'
import type { WorkbenchWindow } from './window'

const root = path.resolve(import.meta.dirname, '../..')
export const ELECTRON_MAIN = path.join(root, 'out/main/index.js')

/** Electron's program, where its download was possible. */
export function electronBinary(): string | undefined {
  try {
    const binary = createRequire(import.meta.url)('electron') as unknown
    return typeof binary === 'string' && existsSync(binary) ? binary : undefined
  } catch {
    // Without its binary the package throws and says how to get it.
    return undefined
  }
}

/** The desktop window, as `npm run build` made it. */
export async function launchElectron(workspace: string): Promise<WorkbenchWindow> {
  const app = await _electron.launch({
    executablePath: electronBinary(),
    args: [ELECTRON_MAIN, `--user-data-dir=${path.join(path.dirname(workspace), 'user-data')}`],
    env: { ...(process.env as Record<string, string>), BILEVEL_WORKSPACE: workspace }
  })
  return {
    page: await app.firstWindow(),
    folder: path.dirname(workspace),
    reads: () => true,
    close: () => app.close()
  }
}

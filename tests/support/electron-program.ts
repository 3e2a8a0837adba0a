import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { PROJECT } from './command'

/** Programs that tests may use and that are no part of the product. */
const TOOLS = path.resolve(PROJECT, process.env['BILEVEL_TEST_TOOLS'] ?? '../shared/tools', 'electron')
/** From this one on the main process may be an ES module. */
const FIRST_WITH_MODULES = 28

export interface ElectronProgram {
  readonly binary: string
  readonly major: number
  /** Makes a CommonJS build for one that is too old for modules: `node <it> <project> <folder>`. */
  readonly olderBuild?: string
}

/**
 * The Electron to test in: the one named by BILEVEL_TEST_ELECTRON, the one that BILEVEL_TEST_TOOLS fetches, or the
 * package's own.
 * @returns why there is none, where there is none
 */
export function findElectron(): ElectronProgram | string {
  const binary = process.env['BILEVEL_TEST_ELECTRON'] || ownBinary() || fetchedBinary()
  if (!binary) {
    return 'no Electron ("node node_modules/electron/install.js" fetches it, or name one in BILEVEL_TEST_ELECTRON)'
  }
  if (!existsSync(binary)) return `there is no ${binary}, which BILEVEL_TEST_ELECTRON names`
  const major = majorOf(binary)
  if (major >= FIRST_WITH_MODULES) return { binary, major }
  const olderBuild = path.join(TOOLS, 'build-cjs.mjs')
  if (existsSync(olderBuild)) return { binary, major, olderBuild }
  return `Electron ${major} is too old for modules, and there is no ${olderBuild} (set BILEVEL_TEST_TOOLS)`
}

/** The `electron` package's, where its download was possible; asked for its place, the package would download it. */
function ownBinary(): string | undefined {
  const folder = path.dirname(createRequire(import.meta.url).resolve('electron/package.json'))
  const name = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' }[
    process.platform as string
  ]
  const binary = path.join(folder, 'dist', name ?? 'electron')
  return existsSync(binary) ? binary : undefined
}

function fetchedBinary(): string | undefined {
  const fetch = path.join(TOOLS, 'fetch')
  if (process.platform !== 'linux' || !existsSync(fetch)) return undefined
  try {
    return execFileSync(fetch, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim()
  } catch {
    return undefined
  }
}

function majorOf(binary: string): number {
  const words = execFileSync(binary, ['-p', 'process.versions.electron'], {
    encoding: 'utf8',
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' }
  })
  return Number.parseInt(words, 10)
}

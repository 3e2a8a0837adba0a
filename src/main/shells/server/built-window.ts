import { spawn } from 'node:child_process'
import { existsSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { Failure } from '../../../shared/domain/failure'
import { productFolder } from '../../files/product'

/**
 * The built window; in a checkout it is built first when it is missing or older than its sources.
 * @throws Failure internal when it can neither be found nor built
 */
export async function builtWindow(note: (line: string) => void): Promise<string> {
  const product = productFolder()
  const built = path.join(product, 'out', 'renderer')
  const page = statSync(path.join(built, 'index.html'), { throwIfNoEntry: false })
  const sources = ['src/renderer', 'src/shared'].map((folder) => path.join(product, folder))
  const inCheckout = existsSync(sources[0]!)
  if (page && (!inCheckout || page.mtimeMs > Math.max(...sources.map(newest)))) return built
  if (!inCheckout) {
    throw new Failure('internal', `The window is missing from ${built}.`, 'Install Bilevel Workbench again.')
  }
  note('Building the window; this happens once, and after its sources change ...')
  await build(product, built)
  return built
}

/**
 * In a process of its own: a build leaves much memory behind. Written beside and renamed, so that two servers
 * started at once do not read each other's half.
 */
async function build(product: string, built: string): Promise<void> {
  const vite = path.join(
    path.dirname(createRequire(import.meta.url).resolve('vite/package.json')),
    'bin/vite.js'
  )
  const beside = `${built}-${process.pid}`
  const began = new Date()
  const config = path.join(product, 'vite.window.config.ts')
  const args = [vite, 'build', '--config', config, '--outDir', beside, '--logLevel', 'error']
  const child = spawn(process.execPath, args, { cwd: product, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout.on('data', (chunk) => (output += String(chunk)))
  child.stderr.on('data', (chunk) => (output += String(chunk)))
  const code = await new Promise<number | null>((resolve) => {
    child.on('error', (error) => {
      output += error.message
      resolve(null)
    })
    child.on('close', resolve)
  })
  try {
    if (code !== 0) {
      const last = output.trim().split('\n').slice(-5).join(' ')
      throw new Failure('internal', `The window could not be built: ${last}`, 'Run "npm ci" and try again.')
    }
    // A source that changed during the build is newer than what was built from it.
    utimesSync(path.join(beside, 'index.html'), began, began)
    rmSync(built, { recursive: true, force: true })
    renameSync(beside, built)
  } finally {
    rmSync(beside, { recursive: true, force: true })
  }
}

function newest(folder: string): number {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce(
      (latest, { parentPath, name }) => Math.max(latest, statSync(path.join(parentPath, name)).mtimeMs),
      0
    )
}

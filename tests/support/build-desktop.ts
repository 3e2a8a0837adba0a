import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import type { TestProject } from 'vitest/node'
import { builtWindow } from '@main/shells/server/built-window'
import { makeOlderBuild } from '../../scripts/packaging/older-build.mjs'
import { PROJECT } from './command'
import { findElectron } from './electron-program'
import type { ElectronProgram } from './electron-program'

/** The desktop program as tests start it, or why it cannot be started here. */
export type Desktop =
  | { readonly missing: string }
  | { readonly binary: string; readonly main: string; readonly display: string | null }

declare module 'vitest' {
  export interface ProvidedContext {
    desktop: Desktop
  }
}

/** Once before all tests in a real Electron. */
export async function setup(project: TestProject): Promise<() => void> {
  const { desktop, end } = await prepareDesktop()
  if ('missing' in desktop) {
    process.stderr.write(`skipped: the desktop window is not driven: ${desktop.missing}\n`)
  }
  project.provide('desktop', desktop)
  return end
}

/** A program of Electron's, a build for it, and a display where there is none; to be ended. */
export async function prepareDesktop(): Promise<{ desktop: Desktop; end(): void }> {
  const electron = findElectron()
  const display = typeof electron === 'string' ? electron : await findDisplay()
  if (typeof electron === 'string' || typeof display === 'string') {
    return { desktop: { missing: String(display) }, end: () => undefined }
  }
  const main = electron.olderBuild ? await buildOlder(electron, electron.olderBuild) : build()
  return {
    desktop: { binary: electron.binary, main, display: display?.name ?? null },
    end: () => display?.end()
  }
}

function build(): string {
  const electronVite = path.join(PROJECT, 'node_modules/electron-vite/bin/electron-vite.js')
  execFileSync(process.execPath, [electronVite, 'build'], { cwd: PROJECT, stdio: 'ignore' })
  writeLicences(PROJECT)
  return path.join(PROJECT, 'out/main/index.js')
}

/** Where a product looks for them. */
function writeLicences(product: string): void {
  const folder = path.join(product, 'out/licences')
  execFileSync(process.execPath, [path.join(PROJECT, 'scripts/licences/write.mjs'), folder])
}

/** Inside node_modules, so that the build finds the packages. */
async function buildOlder({ major }: ElectronProgram, builder: string): Promise<string> {
  await builtWindow((line) => process.stderr.write(`${line}\n`))
  const out = path.join(PROJECT, 'node_modules/.cache/bilevel-electron')
  mkdirSync(out, { recursive: true })
  makeOlderBuild({ builder, project: PROJECT, out, major })
  // The build is a product of its own, with a package.json; samples lie beside that.
  symlinkSync(path.join(PROJECT, 'resources'), path.join(out, 'resources'))
  writeLicences(out)
  return path.join(out, 'main/index.js')
}

interface Display {
  readonly name: string
  end(): void
}

/** @returns null where there is a display already; why there can be none, in a sentence */
async function findDisplay(): Promise<Display | null | string> {
  if (process.platform !== 'linux' || process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY']) return null
  const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1600x1200x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe']
  })
  const number = await displayNumber(server)
  if (number === undefined) return 'no display, and no Xvfb to make one ("sudo apt install xvfb")'
  return { name: `:${number}`, end: () => void server.kill() }
}

/** Said once the display is there. */
function displayNumber(server: ChildProcess): Promise<number | undefined> {
  return new Promise((resolve) => {
    server.on('error', () => resolve(undefined))
    server.on('close', () => resolve(undefined))
    let said = ''
    server.stdio[3]?.on('data', (chunk) => {
      said += String(chunk)
      if (said.endsWith('\n')) resolve(Number(said))
    })
  })
}

import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { badInput } from '../../../shared/domain/failure'
import { productFolder } from '../../files/product'
import { startServer } from '../server'
import { builtWindow } from '../server/built-window'
import { buildChanged, isCheckout } from '../checkout-build'
import { print, printJson, workspaceDir } from './common-options'
import type { CommonOptions } from './common-options'
import { examine } from './doctor'
import { onStop } from './stop-signals'

export interface StartOptions extends CommonOptions {
  readonly browser?: boolean
  readonly host?: string
  readonly port?: string
  readonly open: boolean
  readonly folder?: readonly string[]
  readonly allowHost?: readonly string[]
  readonly uploadLimit?: string
}

/** The desktop window where Electron can run, else the same window in a browser, with the reason. */
export async function start(options: StartOptions): Promise<number> {
  const note = (line: string): void => void process.stderr.write(`${line}\n`)
  const asked = options.browser || options.host !== undefined || options.port !== undefined
  const obstacle = asked ? undefined : desktopObstacle()
  if (!asked && obstacle === undefined) return openDesktop(options, note)
  if (obstacle !== undefined) note(`${obstacle} So the workbench is served to a browser.`)
  return serve(options, note)
}

async function serve(options: StartOptions, note: (line: string) => void): Promise<number> {
  const port = integerOption(options.port, '--port', 0, 65535)
  const gibibytes = integerOption(options.uploadLimit, '--upload-limit', 1, 1024)
  const server = await startServer({
    workspace: workspaceDir(options),
    window: await builtWindow(note),
    host: options.host,
    port,
    folders: [process.cwd(), ...(options.folder ?? [])],
    allowHosts: options.allowHost,
    uploadLimit: gibibytes === undefined ? undefined : gibibytes * 2 ** 30,
    token: process.env['BILEVEL_TOKEN'] || undefined,
    examine: async () => (await examine('auto', options)).findings.map(finding)
  })
  if (server.exposed) {
    note(
      'WARNING: other machines can reach this server. Traffic is not encrypted, and whoever has the link can ' +
        'read and change your data. Prefer an SSH tunnel: ssh -L 8080:127.0.0.1:<port> this-machine.'
    )
  }
  if (options.json) printJson({ url: server.url })
  else print(`Bilevel Workbench is ready: ${server.url}`)
  note('Press Ctrl-C to stop it; a run that is training is paused and can be resumed.')
  if (options.open && hasDisplay()) {
    const { default: open } = await import('open')
    const failed = (): void => note('The browser could not be opened: open the link yourself.')
    await open(server.url).then((browser) => void browser.on('error', failed), failed)
  }
  await new Promise<void>((resolve) => {
    const release = onStop(() => {
      // A second one ends it at once.
      release()
      resolve()
    })
  })
  note('Stopping ...')
  await server.close()
  return 0
}

function finding({ name, level, detail, remedy }: Awaited<ReturnType<typeof examine>>['findings'][number]): {
  name: string
  level: 'ok' | 'warning' | 'error'
  detail: string
  remedy?: string
} {
  return { name, level: level === 'note' ? 'warning' : level, detail, ...(remedy ? { remedy } : {}) }
}

/** Why there can be no desktop window here; undefined when there can. */
export function desktopObstacle(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  if (electronBinary() === undefined) return 'The Electron binary is not installed.'
  return hasDisplay(environment) ? undefined : 'There is no display.'
}

function hasDisplay(environment: NodeJS.ProcessEnv = process.env): boolean {
  if (process.platform !== 'linux') return true
  return Boolean(environment['DISPLAY'] || environment['WAYLAND_DISPLAY'])
}

/** Electron downloads its binary at first use and notes its place in path.txt. */
function electronBinary(): string | undefined {
  try {
    const folder = path.dirname(createRequire(import.meta.url).resolve('electron/package.json'))
    const note = path.join(folder, 'path.txt')
    if (!existsSync(note)) return undefined
    const binary = path.join(folder, 'dist', readFileSync(note, 'utf8').trim())
    return existsSync(binary) ? binary : undefined
  } catch {
    return undefined
  }
}

async function openDesktop(options: StartOptions, note: (line: string) => void): Promise<number> {
  const product = productFolder()
  if (isCheckout(product)) {
    await buildChanged(product, ['main', 'preload', 'renderer', 'licences'], note)
  }
  const child = spawn(electronBinary()!, [product], {
    stdio: 'inherit',
    env: { ...process.env, BILEVEL_WORKSPACE: workspaceDir(options) }
  })
  return (await endOf(child)) ?? 1
}

function endOf(child: ReturnType<typeof spawn>): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
}

function integerOption(
  text: string | undefined,
  flag: string,
  least: number,
  most: number
): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw badInput(`${flag} is "${text}".`, `Give a whole number from ${least} to ${most}.`)
}

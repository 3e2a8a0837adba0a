import path from 'node:path'
import { afterEach, beforeEach, vi } from 'vitest'
import { MessageChannel } from 'node:worker_threads'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import type { WorkbenchClient } from '@shared/contract'
import { DESKTOP_CHANNELS } from '@shared/contract/desktop'
import { temporaryFolder, until } from './command'
import { standInElectron } from './electron-stand-in'
import type { StandInElectron } from './electron-stand-in'
import type { StandInFrame, StandInWindow } from './stand-in-window'

/** Each start loads the shell anew, which on a machine that does other work takes long; in milliseconds. */
const LIMIT = 180_000
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const
const listening = Object.fromEntries(SIGNALS.map((signal) => [signal, process.listenerCount(signal)]))
export let electron: StandInElectron
export let scratch: string
export const closing: (() => void)[] = []

/** Each test of the file that asks for it has an Electron of its own. */
export function startsWithStandIn(): void {
  vi.setConfig({ testTimeout: LIMIT })
  beforeEach(() => {
    scratch = temporaryFolder()
    electron = standInElectron(scratch)
    vi.resetModules()
    vi.doMock('electron', () => electron)
    vi.stubEnv('BILEVEL_WORKSPACE', path.join(scratch, 'first'))
  })
  afterEach(async () => {
    await electron.app.askToQuit()
    await until(() => electron.app.quits > 0 || electron.BrowserWindow.all.length === 0)
    closing.splice(0).forEach((close) => close())
    // Each start of the shell listens; the process stays.
    for (const signal of SIGNALS) {
      for (const listener of process.listeners(signal).slice(listening[signal])) process.off(signal, listener)
    }
    vi.doUnmock('electron')
    vi.unstubAllEnvs()
  })
}

export async function startShell(): Promise<StandInWindow> {
  await import('@main/shells/electron')
  await until(
    () => electron.BrowserWindow.all[0]?.loaded !== undefined && electron.Menu.template.length > 0,
    LIMIT / 2000
  )
  return electron.BrowserWindow.all[0]!
}

/** The API as the page would reach it, through Node's own message channel. */
export function connectFrom(frame: StandInFrame | null): WorkbenchClient {
  const { port1, port2 } = new MessageChannel()
  closing.push(() => port1.close())
  electron.ipcMain.emit(DESKTOP_CHANNELS.connect, { senderFrame: frame, ports: [port2] })
  return createORPCClient(new RPCLink({ port: port1 }))
}

import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { chromium } from 'playwright-core'
import type { Page } from 'playwright-core'
import { WebSocket } from 'ws'
import { until } from '../support/command'

/** How long a first page may take on a machine that does much else, in seconds. */
const SHOWN_SECONDS = 90
/** Between two looks, in milliseconds: what a start is measured with. */
const LOOK = 20

export interface PlainCommand {
  readonly binary: string
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly cwd?: string
}

export interface PlainProgram {
  readonly process: ChildProcess
  readonly ended: Promise<void>
  /** Close its window, as its frame's button does. */
  closeWindow(): Promise<void>
  /** To drive it. */
  page(): Promise<Page>
}

/** A page as Chromium's port lists it. */
interface Target {
  readonly id: string
  readonly url: string
  readonly webSocketDebuggerUrl: string
}

/**
 * A desktop program as a person starts it, seen through Chromium's own port: nothing is loaded into its main process, and
 * nobody attaches to it while it starts. It is there once its page has a button that can be pressed.
 */
export async function launchPlain({ binary, args, ...options }: PlainCommand): Promise<PlainProgram> {
  const child = spawn(binary, ['--remote-debugging-port=0', ...args], {
    ...options,
    stdio: ['ignore', 'ignore', 'pipe']
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  let said = ''
  /** Settles once stderr says this. */
  const spoken = (pattern: RegExp): Promise<string> =>
    new Promise((resolve) => {
      child.stderr.on('data', () => {
        const found = pattern.exec(said)
        if (found) resolve(found[1]!)
      })
    })
  child.stderr.on('data', (chunk) => (said += String(chunk)))
  const failed = Promise.race([
    // In a box on the screen as well, which nobody here sees and closes.
    spoken(/^bilevel: (.*)$/m).then((sentence) => {
      child.kill('SIGTERM')
      throw new Error(`The program says: ${sentence}`)
    }),
    ended.then(() => {
      throw new Error(`The program has ended with ${child.exitCode}: ${said}`)
    })
  ])
  const shown = async (): Promise<{ origin: string; id: string }> => {
    const port = await spoken(/DevTools listening on ws:\/\/[^:]+:(\d+)/)
    const origin = `http://127.0.0.1:${port}`
    const { id, webSocketDebuggerUrl } = await firstPage(origin)
    await firstButton(webSocketDebuggerUrl)
    return { origin, id }
  }
  const { origin, id } = await Promise.race([shown(), failed])
  failed.catch(() => undefined)
  return {
    process: child,
    ended,
    closeWindow: async () => void (await fetch(`${origin}/json/close/${id}`)),
    page: async () => {
      const browser = await chromium.connectOverCDP(origin, { noDefaults: true })
      return browser.contexts()[0]!.pages()[0]!
    }
  }
}

async function firstPage(origin: string): Promise<Target> {
  let page: Target | undefined
  const look = async (): Promise<void> => {
    const list = (await (await fetch(`${origin}/json/list`)).json()) as Target[]
    page = list.find(({ url }) => url.startsWith('bilevel:'))
  }
  const looking = setInterval(() => void look().catch(() => undefined), LOOK)
  try {
    await until(() => page !== undefined, SHOWN_SECONDS)
  } finally {
    clearInterval(looking)
  }
  return page!
}

const USABLE = `[...document.querySelectorAll('main button:not(:disabled)')].some((button) => button.checkVisibility?.() ?? button.offsetParent !== null)`

async function firstButton(url: string): Promise<void> {
  const socket = new WebSocket(url)
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  let usable = false
  let asked = 0
  socket.on('message', (text) => {
    const { result } = JSON.parse(String(text)) as { result?: { result?: { value?: unknown } } }
    usable ||= result?.result?.value === true
  })
  const asking = setInterval(() => {
    const params = { expression: USABLE, returnByValue: true }
    socket.send(JSON.stringify({ id: ++asked, method: 'Runtime.evaluate', params }))
  }, LOOK)
  try {
    await until(() => usable, SHOWN_SECONDS)
  } finally {
    clearInterval(asking)
    socket.close()
  }
}

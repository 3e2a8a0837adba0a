import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { chromium } from 'playwright-core'
import type { Page } from 'playwright-core'
import { until } from '../support/command'

/** How long a first page may take on a machine that does much else, in seconds. */
const SHOWN_SECONDS = 90

export interface PlainProgram {
  readonly process: ChildProcess
  readonly ended: Promise<void>
  /** Close its window, as its frame's button does. */
  closeWindow(): Promise<void>
  /** To drive it. */
  page(): Promise<Page>
}

/**
 * A desktop program as a person starts it, seen through Chromium's own port once its page is there: nothing is loaded into
 * its main process, and nobody attaches to it while it starts.
 */
export async function launchPlain(
  binary: string,
  args: readonly string[],
  options: { readonly env: NodeJS.ProcessEnv; readonly cwd?: string }
): Promise<PlainProgram> {
  const child = spawn(binary, ['--remote-debugging-port=0', ...args], {
    ...options,
    stdio: ['ignore', 'ignore', 'pipe']
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const port = await new Promise<string>((resolve, reject) => {
    let said = ''
    child.stderr.on('data', (chunk) => {
      said += String(chunk)
      const found = /DevTools listening on ws:\/\/[^:]+:(\d+)/.exec(said)
      if (found) resolve(found[1]!)
    })
    child.once('close', (code) => reject(new Error(`The program ended with ${code}: ${said}`)))
  })
  const origin = `http://127.0.0.1:${port}`
  let id: string | undefined
  const look = async (): Promise<void> => {
    const list = (await (await fetch(`${origin}/json/list`)).json()) as { id: string; title: string }[]
    // The title is the page's own, once its first route is shown.
    id = list.find(({ title }) => title.startsWith('Datasets'))?.id
  }
  const looking = setInterval(() => void look().catch(() => undefined), 50)
  try {
    await until(() => id !== undefined, SHOWN_SECONDS)
  } finally {
    clearInterval(looking)
  }
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

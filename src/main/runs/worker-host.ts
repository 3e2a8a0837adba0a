import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { fromWorker } from './protocol'
import type { FromWorker, ToWorker } from './protocol'

/** How long a training process may take to answer a cancel before it is ended by force. */
const CANCEL_SECONDS = 120

/** How much of what a training process writes on stderr is kept, in characters. */
const STDERR_KEPT = 64_000

/** How a training process ended. */
export interface WorkerExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** The last of what it wrote on stderr. */
  readonly stderr: string
}

/**
 * One training process: started, spoken to, watched, ended. In a checkout it runs the TypeScript sources
 * through tsx; in a build, the bundled entry beside this file. Under Electron, fork runs it as plain Node.
 */
export class WorkerHost {
  readonly exited: Promise<WorkerExit>
  readonly #child: ChildProcess
  #killTimer: NodeJS.Timeout | undefined
  #isListening = true

  constructor(options: { cwd: string; onMessage(message: FromWorker): void }) {
    const entry = workerEntry()
    this.#child = fork(entry.file, [], {
      cwd: options.cwd,
      execArgv: [...entry.execArgv],
      env: { ...process.env, ...entry.env },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced'
    })
    let stderr = ''
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-STDERR_KEPT)
    })
    this.#child.on('message', (raw) => {
      if (!this.#isListening) return
      const message = fromWorker.safeParse(raw)
      if (message.success) options.onMessage(message.data)
      else stderr += `\nUnreadable message: ${message.error.message}`
    })
    this.exited = new Promise((resolve) => {
      this.#child.on('error', (error) => resolve({ code: null, signal: null, stderr: error.message }))
      // "close" comes after the streams are drained, so the last words are complete.
      this.#child.on('close', (code, signal) => resolve({ code, signal, stderr }))
    })
    void this.exited.then(() => clearTimeout(this.#killTimer))
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  send(message: ToWorker): void {
    // One that is just ending does not hear it: its end says why.
    if (this.#child.connected) this.#child.send(message, () => undefined)
  }

  /** Ask for a clean end; by force when it does not come. */
  cancel(): void {
    this.send({ type: 'cancel' })
    this.#killTimer ??= setTimeout(() => this.kill(), CANCEL_SECONDS * 1000).unref()
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  /** Leave it alone: it loses its owner, writes a checkpoint and ends. Nothing here waits for it. */
  letGo(): void {
    this.#isListening = false
    clearTimeout(this.#killTimer)
    if (this.#child.connected) this.#child.disconnect()
    this.#child.stderr?.destroy()
    this.#child.unref()
  }
}

function workerEntry(): { file: string; execArgv: readonly string[]; env: Record<string, string> } {
  const source = fileURLToPath(new URL('./worker/index.ts', import.meta.url))
  if (existsSync(source)) {
    const config = fileURLToPath(new URL('../../../tsconfig.base.json', import.meta.url))
    return {
      file: source,
      execArgv: ['--import', import.meta.resolve('tsx')],
      env: { TSX_TSCONFIG_PATH: config }
    }
  }
  return { file: fileURLToPath(new URL('./worker.js', import.meta.url)), execArgv: [], env: {} }
}

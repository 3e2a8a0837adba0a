import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { builtEntry } from '../../../bin/built-entry.mjs'
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
 * One training process: started from the built program, spoken to, watched, ended. Under Electron, fork runs it as plain
 * Node.
 */
export class WorkerHost {
  readonly exited: Promise<WorkerExit>
  readonly #child: ChildProcess
  #killTimer: NodeJS.Timeout | undefined
  #isListening = true

  constructor(options: { cwd: string; onMessage(message: FromWorker): void }) {
    const { file, execArgv } = builtEntry('worker', import.meta.url)
    this.#child = fork(file, [], {
      cwd: options.cwd,
      execArgv: [...execArgv],
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

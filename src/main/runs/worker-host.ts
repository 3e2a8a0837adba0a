import { builtEntry } from '../../../bin/built-entry.mjs'
import { startProgram } from '../processes'
import type { Program, ProgramEnd } from '../processes'
import { fromWorker } from './protocol'
import type { FromWorker, ToWorker } from './protocol'
import type { RunHost } from './run-host'

/** How long a training process may take to answer a cancel before it is ended by force. */
const CANCEL_SECONDS = 120

/** How much of what a training process writes on stderr is kept, in characters. */
const STDERR_KEPT = 64_000

/**
 * One training process: started from the built program, spoken to, watched, ended.
 */
export class WorkerHost implements RunHost {
  readonly exited: Promise<ProgramEnd>
  readonly started: Promise<number | undefined>
  readonly #program: Program
  #onMessage: (message: FromWorker) => void
  #killTimer: NodeJS.Timeout | undefined

  constructor(options: { cwd: string; onMessage(message: FromWorker): void }) {
    const { file, execArgv } = builtEntry('worker', import.meta.url)
    let unreadable = ''
    this.#onMessage = options.onMessage
    this.#program = startProgram({
      file,
      execArgv,
      cwd: options.cwd,
      stderrKept: STDERR_KEPT,
      onMessage: (raw) => {
        const message = fromWorker.safeParse(raw)
        if (message.success) this.#onMessage(message.data)
        else unreadable += `\nUnreadable message: ${message.error.message}`
      }
    })
    this.started = this.#program.started
    this.exited = this.#program.ended.then((end) => ({ ...end, stderr: `${end.stderr}${unreadable}` }))
    void this.exited.then(() => clearTimeout(this.#killTimer))
  }

  /** What it says from now on is for somebody else. */
  tell(onMessage: (message: FromWorker) => void): void {
    this.#onMessage = onMessage
  }

  send(message: ToWorker): void {
    this.#program.send(message)
  }

  /** Ask for a clean end; by force when it does not come. */
  cancel(): void {
    this.send({ type: 'cancel' })
    this.#killTimer ??= setTimeout(() => this.kill(), CANCEL_SECONDS * 1000).unref()
  }

  kill(): void {
    this.#program.kill()
  }

  /** Leave it alone: it loses its owner, writes a checkpoint and ends. Nothing here waits for it. */
  letGo(): void {
    clearTimeout(this.#killTimer)
    this.#program.letGo()
  }
}

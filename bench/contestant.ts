import { spawn } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A process that answers one line of JSON to each command line; all wait while one works. */
export class Contestant {
  readonly name: string
  readonly #child: ChildProcessWithoutNullStreams
  readonly #answers: AsyncIterator<string>
  #errors = ''

  /** @param oneCore pinned to one core, and timed by the processor's clock (Linux) */
  constructor(name: string, command: string, args: readonly string[], oneCore = false) {
    this.name = name
    const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' }
    this.#child = oneCore
      ? spawn('taskset', ['-c', '0', command, ...args], { env: { ...env, BILEVEL_BENCH_CLOCK: 'cpu' } })
      : spawn(command, args, { env })
    this.#child.stderr.on(
      'data',
      (chunk: Buffer) => (this.#errors = (this.#errors + chunk.toString()).slice(-2000))
    )
    this.#child.on('error', (error) => (this.#errors += error.message))
    this.#child.stdin.on('error', () => undefined)
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  /** @throws with the end of its standard error when the process has ended */
  async ask(...words: (string | number)[]): Promise<Record<string, unknown>> {
    this.#child.stdin.write(`${words.join(' ')}\n`)
    for (;;) {
      const { value, done } = await this.#answers.next()
      if (done) throw new Error(`${this.name}: ${this.#errors.trim().split('\n').at(-1) ?? 'ended'}`)
      if (value.startsWith('{')) return JSON.parse(value) as Record<string, unknown>
    }
  }

  async seconds(level: 'lower' | 'upper', steps: number): Promise<number[]> {
    return (await this.ask('time', level, steps))['seconds'] as number[]
  }

  close(): void {
    this.#child.stdin.end()
  }
}

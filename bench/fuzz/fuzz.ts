import { fork, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { FuzzAnswer } from './child'
import { writeCase, type FuzzCase } from './cases'
import { makeSeeds } from './seeds'

/** A source that takes longer than this counts as a hang: seconds of the processor, where they can be told. */
const HANG_SECONDS = 5
/** However busy the machine is, nothing is waited for longer. */
const PATIENCE_SECONDS = 300
const MOST_MEMORY = 1 << 30
/** Memory is never given back whole: a new process from time to time keeps one source's share apart. */
const CASES_A_PROCESS = 1000

export interface FuzzFinding {
  readonly index: number
  readonly seed: string
  readonly kind: 'internal' | 'hang' | 'memory' | 'left'
  readonly detail: string
}

export interface FuzzSummary {
  readonly count: number
  readonly accepted: number
  readonly refused: number
  readonly findings: readonly FuzzFinding[]
}

export interface FuzzOptions {
  readonly count: number
  /** Which stream of mutations; the same gives the same sources. */
  readonly stream: number
  /** Index of the first one, to repeat one alone. */
  readonly from?: number
  onCase?(index: number, answer: FuzzAnswer | undefined, fuzzCase: FuzzCase): void
}

/** Inspect and import mutated sources, each in a watched process, and count what becomes of them. */
export async function fuzz({ count, stream, from = 0, onCase }: FuzzOptions): Promise<FuzzSummary> {
  const seeds = await makeSeeds()
  const folder = mkdtempSync(path.join(tmpdir(), 'bilevel-fuzz-cases-'))
  const findings: FuzzFinding[] = []
  let accepted = 0
  let refused = 0
  let child: Watched | undefined
  try {
    for (let index = from; index < from + count; index++) {
      if (!child || child.served >= CASES_A_PROCESS) {
        child?.end()
        child = new Watched()
      }
      const fuzzCase = writeCase(seeds, stream, index, path.join(folder, 'case'))
      const answer = await child.ask(fuzzCase)
      onCase?.(index, typeof answer === 'string' ? undefined : answer, fuzzCase)
      const find = (kind: FuzzFinding['kind'], detail: string): void =>
        void findings.push({ index, seed: fuzzCase.seed, kind, detail })
      if (typeof answer === 'string') {
        find(answer === 'hang' ? 'hang' : 'internal', answer)
        child = undefined
        continue
      }
      if (answer.outcome === 'internal') find('internal', answer.sentence)
      else if (answer.outcome === 'accepted') accepted++
      else refused++
      if (answer.left.length > 0) find('left', answer.left.join(', '))
      if (answer.memory > MOST_MEMORY) {
        find('memory', `${Math.round(answer.memory / 2 ** 20)} MiB`)
        child.end()
        child = undefined
      }
    }
  } finally {
    child?.end()
    rmSync(folder, { recursive: true, force: true })
  }
  return { count, accepted, refused, findings }
}

/** The process that reads the sources; ended by force where it does not answer. */
class Watched {
  served = 0
  readonly #child: ChildProcess
  #stderr = ''

  constructor() {
    const root = path.resolve(import.meta.dirname, '../..')
    this.#child = fork(path.join(import.meta.dirname, 'child.ts'), [], {
      execArgv: ['--import', import.meta.resolve('tsx')],
      env: { ...process.env, TSX_TSCONFIG_PATH: path.join(root, 'tsconfig.base.json') },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc']
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-4000)
    })
  }

  /** @returns the answer, "hang", or how the process died */
  ask(fuzzCase: FuzzCase): Promise<FuzzAnswer | string> {
    this.served++
    const began = performance.now()
    const busyBefore = this.#busySeconds()
    return new Promise((resolve) => {
      const settle = (answer: FuzzAnswer | string): void => {
        clearInterval(watch)
        this.#child.off('message', onMessage)
        this.#child.off('exit', onExit)
        resolve(answer)
      }
      const onMessage = (answer: FuzzAnswer): void => settle(answer)
      const onExit = (code: number | null, signal: string | null): void =>
        settle(`the process died (code ${code}, signal ${signal}): ${this.#stderr}`)
      const watch = setInterval(() => {
        const waited = (performance.now() - began) / 1000
        const busy = this.#busySeconds() - busyBefore
        if (busy < HANG_SECONDS && waited < PATIENCE_SECONDS) return
        this.#child.off('exit', onExit)
        this.#child.kill('SIGKILL')
        settle('hang')
      }, 250)
      this.#child.on('message', onMessage)
      this.#child.on('exit', onExit)
      this.#child.send(fuzzCase)
    })
  }

  /** Seconds of the processor that the process has used, its start left out; 0 where the system does not tell. */
  #busySeconds(): number {
    if (this.served === 1) return 0
    try {
      const fields = readFileSync(`/proc/${this.#child.pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? []
      return (Number(fields[11]) + Number(fields[12])) / 100
    } catch {
      return 0
    }
  }

  end(): void {
    if (this.#child.connected) this.#child.disconnect()
  }
}

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { WorkbenchClient } from '../../src/shared/contract'
import type { Report } from '../../src/shared/domain/report'
import type { RunRecord } from '../../src/shared/domain/run'
import { denoisingSpec } from '../../src/shared/domain/task-spec'
import type { TaskSpec } from '../../src/shared/domain/task-spec'
import { Random } from '../../src/shared/numerics/random'
import { Acknowledged } from './acknowledged'
import { serveWorkbench } from './served-workbench'
import type { ServedWorkbench } from './served-workbench'

/** What is killed, and how. */
export const KILLS = ['server SIGKILL', 'server SIGTERM', 'worker SIGKILL', 'worker SIGTERM'] as const
export type Kill = (typeof KILLS)[number]

/** Examples of the table that the rounds import. */
const ROWS = 300
/** Longest time in milliseconds from the beginning of a round to its kill. */
const LONGEST = 2500
const ENDED = ['done', 'cancelled']

/** The dataset of all runs and exports, which is not renamed. */
const DATA = 'examples'

/** Two classes that can be told apart, and each tenth label wrong but for those that are trusted. */
function table(): string {
  const rows = Array.from({ length: ROWS }, (_, i) => {
    const isYes = i % 3 === 0
    const isWrong = i % 10 === 0 && i < ROWS - 60
    return `${(isYes ? 6 : 0) + (i % 4)},${(i * 13) % 11},${isYes === isWrong ? 'no' : 'yes'}`
  })
  return `a,b,label\n${rows.join('\n')}\n`
}

/**
 * A served workbench that is worked with through its API and killed at random moments. What it acknowledged must be
 * there after each kill, nothing may be seen in halves, and every run ends with the numbers of one that nobody
 * disturbed. `lost` says what was not so.
 */
export class KillRounds {
  readonly lost: string[] = []
  readonly counts: Record<string, number> = {}
  readonly #folder: string
  readonly #random: Random
  #served!: ServedWorkbench
  #connection!: ReturnType<ServedWorkbench['connect']>
  #spec!: TaskSpec
  #reviewed = { id: '', report: null as Report | null, issues: '', suspects: [] as number[] }
  readonly #datasets = new Acknowledged('dataset', '')
  readonly #runs = new Acknowledged('run', '')
  readonly #decisions = new Acknowledged('decision', 'none')
  readonly #marks = new Acknowledged('mark', false)
  readonly #exports = new Map<string, boolean>()
  #made = 0
  #exported: string | undefined

  /** @param folder an empty one */
  constructor(folder: string, seed: number) {
    this.#folder = folder
    this.#random = new Random(seed)
  }

  get #client(): WorkbenchClient {
    return this.#connection.client
  }

  /** A reviewed run that nothing disturbed, to measure the others by. */
  async begin(): Promise<void> {
    const source = path.join(this.#folder, 'table.csv')
    writeFileSync(source, table())
    await this.#open()
    for await (const news of await this.#client.datasets.import({ source, name: DATA })) void news
    this.#spec = denoisingSpec.parse({
      task: 'denoising',
      train: `${DATA}[0:${ROWS - 60}]`,
      trusted: `${DATA}[${ROWS - 60}:${ROWS}]`,
      model: 'logistic',
      backend: 'wasm',
      epochs: 60
    })
    const { id } = await this.#client.runs.create({ spec: this.#spec })
    const { outputDir } = await this.#untilEnded(id)
    const { report } = await this.#client.runs.get({ run: id })
    const suspects = Array.from({ length: 60 }, (_, row) => row)
    this.#reviewed = { id, report, issues: digest(path.join(outputDir, 'issues.csv')), suspects }
    this.#exported = await this.#export(path.join(this.#folder, 'export-first'))
  }

  /** Work, kill, start again where need be, and look. */
  async round(kill: Kill = KILLS[Math.floor(this.#random.uniform() * KILLS.length)]!): Promise<void> {
    this.#count(kill)
    const [target, signal] = kill.split(' ') as ['server' | 'worker', NodeJS.Signals]
    await this.#queueRun()
    if (target === 'worker') await this.#untilTraining()
    let isWorking = true
    const work = (async () => {
      while (isWorking) {
        try {
          await this.#act()
        } catch {
          // Cut off: what was asked may be so or not.
          await new Promise((resolve) => setTimeout(resolve, 20))
        }
      }
    })()
    await new Promise((resolve) => setTimeout(resolve, this.#random.uniform() * LONGEST))
    if (target === 'server') {
      await this.#served.stop(signal)
      this.#connection.close()
      isWorking = false
    } else {
      await this.#killWorker(signal)
      isWorking = false
      await work
    }
    if (target === 'server') {
      await Promise.race([work, new Promise((resolve) => setTimeout(resolve, 2000))])
      await this.#open()
    }
    await this.#look()
  }

  /** Every run to its end, then the workbench. */
  async finish(): Promise<void> {
    for (const id of this.#runs.keys) await this.#seeThrough(id)
    await this.#look()
    this.#connection.close()
    await this.#served.stop()
  }

  async #open(): Promise<void> {
    this.#served = await serveWorkbench(path.join(this.#folder, 'workspace'), { cwd: this.#folder })
    this.#connection = this.#served.connect()
  }

  async #act(): Promise<void> {
    const acts = [
      () => this.#importTable(),
      () => this.#renameDataset(),
      () => this.#renameRun(),
      () => this.#decide(),
      () => this.#decide(),
      () => this.#mark(),
      () => this.#exportAgain()
    ]
    await acts[Math.floor(this.#random.uniform() * acts.length)]!()
  }

  async #importTable(): Promise<void> {
    const name = `table ${this.#made++}`
    const source = path.join(this.#folder, 'table.csv')
    for await (const news of await this.#client.datasets.import({ source, name })) {
      if (news.type === 'done') this.#datasets.add(news.dataset.id, name)
    }
    this.#count('import')
  }

  async #renameDataset(): Promise<void> {
    await this.#rename(this.#datasets, (dataset, name) => this.#client.datasets.rename({ dataset, name }))
  }

  async #renameRun(): Promise<void> {
    await this.#rename(this.#runs, (run, name) => this.#client.runs.rename({ run, name }))
  }

  async #rename(
    all: Acknowledged<string>,
    rename: (id: string, name: string) => Promise<unknown>
  ): Promise<void> {
    const id = all.keys[Math.floor(this.#random.uniform() * all.keys.length)]
    if (id === undefined) return
    await all.ask(id, `${all.kind} ${this.#made++}`, (name) => rename(id, name))
    this.#count('rename')
  }

  async #decide(): Promise<void> {
    const { id: run, suspects } = this.#reviewed
    const row = suspects[Math.floor(this.#random.uniform() * suspects.length)]!
    await this.#decisions.ask(`${row}`, this.#random.uniform() < 0.5 ? 'drop' : 'keep', (action) =>
      this.#client.reviews.decide({
        run,
        changes: [{ row, decision: { action: action as 'drop' | 'keep' } }],
        summary: `${action} ${row}`
      })
    )
    this.#count('decision')
  }

  async #mark(): Promise<void> {
    const [dataset] = this.#datasets.keys
    if (dataset === undefined) return
    const row = Math.floor(this.#random.uniform() * ROWS)
    const key = `${dataset} ${row}`
    await this.#marks.ask(key, !this.#marks.valueOf(key), (marked) =>
      marked
        ? this.#client.trust.mark({ dataset, marks: [{ row, label: row % 2 }] })
        : this.#client.trust.unmark({ dataset, rows: [row] })
    )
    this.#count('mark')
  }

  async #exportAgain(): Promise<void> {
    const out = path.join(this.#folder, `export-${this.#made++}`)
    this.#exports.set(out, false)
    await this.#export(out)
    this.#exports.set(out, true)
    this.#count('export')
  }

  /** Of what nobody decides about, so that all exports are the same. */
  async #export(out: string): Promise<string> {
    const { exports } = this.#client
    const { id } = (await this.#client.datasets.list()).find(({ name }) => name === DATA)!
    for await (const news of await exports.write({ run: null, dataset: id, format: 'npz', out })) void news
    return contentOf(out)
  }

  async #queueRun(): Promise<void> {
    const name = `run ${this.#made++}`
    const { id } = await this.#client.runs.create({ spec: this.#spec, name })
    this.#runs.add(id, name)
    this.#count('run')
  }

  async #untilTraining(): Promise<RunRecord> {
    for (let i = 0; i < 1200; i++) {
      const found = (await this.#client.runs.list()).find(
        ({ state, pid }) => state === 'running' && pid !== null
      )
      if (found) return found
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error('No run trains.')
  }

  async #killWorker(signal: NodeJS.Signals): Promise<void> {
    const { pid } = await this.#untilTraining()
    try {
      process.kill(pid!, signal)
    } catch {
      // It has just ended by itself.
    }
  }

  /** @returns the run once it has ended, continued as often as it must be */
  async #untilEnded(id: string): Promise<RunRecord> {
    for (let i = 0; i < 6000; i++) {
      const { record } = await this.#client.runs.get({ run: id })
      if (ENDED.includes(record.state)) return record
      if (record.state === 'failed' || record.state === 'paused') {
        if (!record.resumable) return record
        await this.#client.runs.resume({ run: id })
      }
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    throw new Error(`Run ${id} does not end.`)
  }

  async #seeThrough(id: string): Promise<void> {
    const { state, failure, outputDir } = await this.#untilEnded(id)
    if (state !== 'done') return this.#lose(`run ${id} is ${state}: ${failure?.sentence}`)
    const { report } = await this.#client.runs.get({ run: id })
    const same = JSON.stringify(report?.metrics) === JSON.stringify(this.#reviewed.report?.metrics)
    if (!same) this.#lose(`run ${id} has other numbers`)
    if (digest(path.join(outputDir, 'issues.csv')) !== this.#reviewed.issues) {
      this.#lose(`run ${id} found other issues`)
    }
    const steps: number[] = []
    for await (const { events } of await this.#client.runs.events({ run: id })) {
      for (const event of events) if (event.type === 'metric' && event.f !== undefined) steps.push(event.step)
    }
    if (steps.some((step, i) => i > 0 && step !== steps[i - 1]! + 1))
      this.#lose(`run ${id} has a gap in its chart`)
  }

  async #look(): Promise<void> {
    const metas = await this.#client.datasets.list()
    for (const meta of metas) {
      if (meta.format === 'table' && meta.count !== ROWS)
        this.#lose(`dataset ${meta.id} has ${meta.count} rows`)
    }
    this.#compare(this.#datasets, new Map(metas.map(({ id, name }) => [id, name])))
    const runs = await this.#client.runs.list()
    this.#compare(this.#runs, new Map(runs.map(({ id, name }) => [id, name])))
    const { decisions } = await this.#client.reviews.get({ run: this.#reviewed.id })
    const decided = new Map(this.#decisions.keys.map((row) => [row, 'none']))
    for (const { row, action } of decisions) decided.set(`${row}`, action)
    this.#compare(this.#decisions, decided)
    await this.#lookAtMarks()
    this.#lookAtFolders()
  }

  async #lookAtMarks(): Promise<void> {
    const marked = new Map(this.#marks.keys.map((key) => [key, false]))
    for (const dataset of new Set(this.#marks.keys.map((key) => key.split(' ')[0]!))) {
      const { marks } = await this.#client.trust.get({ dataset })
      for (const { row } of marks) marked.set(`${dataset} ${row}`, true)
    }
    this.#compare(this.#marks, marked)
  }

  #lookAtFolders(): void {
    for (const [out, acknowledged] of this.#exports) {
      if (!existsSync(out)) {
        if (acknowledged) this.#lose(`export ${out} is gone`)
        continue
      }
      if (contentOf(out) !== this.#exported) this.#lose(`export ${out} is another`)
    }
  }

  #compare<T>(wanted: Acknowledged<T>, found: ReadonlyMap<string, T>): void {
    this.lost.push(...wanted.lostIn(found))
  }

  #lose(what: string): void {
    this.lost.push(what)
  }

  #count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1
  }
}

function digest(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

/** Of the data in an exported folder; its manifest tells the time. */
function contentOf(folder: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.npz')
  )
  return files
    .sort()
    .map((name) => `${name} ${digest(path.join(folder, name))}`)
    .join('\n')
}

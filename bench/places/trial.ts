import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DatasetStore, pinSpec } from '../../src/main/datasets'
import { createRun, openWorkspace, trainRun } from '../../src/main/runs'
import type { Workspace } from '../../src/main/runs'
import { denoisingSpec } from '../../src/shared/domain/task-spec'
import type { Place } from '../../src/shared/domain/place'
import type { TaskSpec } from '../../src/shared/domain/task-spec'
import { hasRunEnded } from '../../src/shared/domain/run'
import type { RunRecord } from '../../src/shared/domain/run'
import { BIN } from '../../tests/support/command'
import type { Cluster } from './cluster'
import { trainersOf } from './cluster'

/** Two processes of one run for longer than this were not a late end: they trained it twice. */
const OVERLAP_MS = 3000
const PATIENCE_S = 400

/** Runs in a workspace with one place, trained by coordinators that may be killed. */
export class Trial {
  readonly workspace: Workspace
  readonly cluster: Cluster
  spec!: TaskSpec
  reference!: string
  readonly #coordinators = new Map<string, ChildProcess>()

  constructor(folder: string, cluster: Cluster) {
    this.cluster = cluster
    this.workspace = openWorkspace(path.join(folder, 'workspace'))
    this.savePlace()
  }

  get command(): string {
    return `${process.execPath} ${BIN}`
  }

  savePlace(change: Partial<Place> = {}): void {
    this.workspace.places.save({
      name: 'two',
      login: 'login',
      folder: this.cluster.shared,
      command: this.command,
      partition: null,
      gres: null,
      time: null,
      options: [],
      ...change
    })
  }

  /** @returns a module that sets back the clock of a program that requires it */
  wrongClock(): string {
    const file = path.join(this.cluster.dir, 'clock.cjs')
    writeFileSync(
      file,
      `const Real = Date, shift = 3 * 864e5
globalThis.Date = class extends Real {
  constructor(...given) { super(...(given.length > 0 ? given : [Real.now() - shift])) }
  static now() { return Real.now() - shift }
}
`
    )
    return file
  }

  /** One byte of each file of examples at the place is another. */
  damageData(): void {
    const root = path.join(this.cluster.shared, 'datasets')
    for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
      const file = path.join(root, name)
      if (name.endsWith('.json') || !statSync(file).isFile()) continue
      const bytes = readFileSync(file)
      bytes[bytes.length - 1]! ^= 1
      writeFileSync(file, bytes)
    }
  }

  forgetData(): void {
    rmSync(path.join(this.cluster.shared, 'datasets'), { recursive: true, force: true })
  }

  /** Settle the spec, and train it here, undisturbed: what all others are held against. */
  async begin(seed: number): Promise<void> {
    await this.settle(seed)
    const { id } = createRun({ workspace: this.workspace, spec: this.spec })
    await trainRun(this.workspace, id)
    this.reference = id
  }

  async settle(seed: number): Promise<void> {
    const { datasetsDir, trust } = this.workspace
    this.spec = await pinSpec(
      new DatasetStore(datasetsDir, trust),
      denoisingSpec.parse({
        task: 'denoising',
        train: 'sample-digits#train',
        trusted: 'sample-digits#test[0:60]',
        method: 'gd',
        epochs: 12,
        batchSize: 50,
        crossValidation: 0,
        backend: 'wasm',
        seed
      })
    )
  }

  async start(name = 'first'): Promise<void> {
    const child = fork(path.join(import.meta.dirname, 'coordinator.ts'), [this.workspace.dir], {
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc']
    })
    this.#coordinators.set(name, child)
    await new Promise((resolve) => child.once('message', resolve))
  }

  async stop(signal: NodeJS.Signals = 'SIGKILL', name = 'first'): Promise<void> {
    const child = this.#coordinators.get(name)
    this.#coordinators.delete(name)
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await ended
  }

  get isRunning(): boolean {
    return this.#coordinators.has('first')
  }

  queue(): TrialRun {
    const { id } = createRun({ workspace: this.workspace, spec: this.spec, scheduled: true, place: 'two' })
    return new TrialRun(this, id)
  }

  async end(): Promise<void> {
    for (const name of [...this.#coordinators.keys()]) await this.stop('SIGTERM', name)
    this.workspace.close()
  }
}

export class TrialRun {
  readonly #trial: Trial
  readonly id: string
  readonly folder: string
  /** Milliseconds that two processes trained it at once. */
  overlapMs = 0
  #timer: NodeJS.Timeout

  constructor(trial: Trial, id: string) {
    this.#trial = trial
    this.id = id
    this.folder = path.join(trial.cluster.shared, 'runs', id)
    let before = performance.now()
    this.#timer = setInterval(() => {
      const now = performance.now()
      if (trainersOf(this.folder).length > 1) this.overlapMs += now - before
      before = now
    }, 300)
  }

  get record(): RunRecord {
    return this.#trial.workspace.store.get(this.id)
  }

  get attempts(): number {
    let n = 0
    while (existsSync(path.join(this.folder, `attempt-${n + 1}`))) n++
    return n
  }

  /** Jobs of it in the queue. */
  get job(): string {
    return this.#trial.workspace.store.events.placementOf(this.id).job ?? ''
  }

  async until(what: () => boolean, name: string): Promise<void> {
    for (let i = 0; i < PATIENCE_S * 10; i++) {
      if (what()) return
      await pause(100)
    }
    throw new Error(`not within ${PATIENCE_S} s: ${name}; ${this.record.state}, ${this.record.phase}`)
  }

  /** Until it trains and has a checkpoint that it can go on from. */
  checkpointed(attempt = 1): Promise<void> {
    const file = path.join(this.folder, `attempt-${attempt}`, 'checkpoint/checkpoint.json')
    return this.until(() => existsSync(file), `a checkpoint of attempt ${attempt}`)
  }

  waiting(): Promise<void> {
    return this.until(() => this.record.phase?.startsWith('waiting in Slurm') ?? false, 'waiting')
  }

  async ended(): Promise<RunRecord> {
    await this.until(() => hasRunEnded(this.record.state) || this.record.state === 'paused', 'its end')
    return this.record
  }

  /** What is not as it should be; empty where all is. */
  faults(expected: RunRecord['state'] = 'done'): string[] {
    clearInterval(this.#timer)
    const { state, failure, outputDir } = this.record
    const wrong: string[] = []
    if (state !== expected) wrong.push(`${state}: ${failure?.sentence ?? ''}`)
    if (this.overlapMs > OVERLAP_MS) wrong.push(`trained twice at once for ${Math.round(this.overlapMs)} ms`)
    if (state !== 'done') return wrong
    const { store } = this.#trial.workspace
    const reference = store.get(this.#trial.reference)
    for (const file of ['weights.npy', 'issues.csv'])
      if (
        !readFileSync(path.join(outputDir, file)).equals(readFileSync(path.join(reference.outputDir, file)))
      )
        wrong.push(`${file} differs`)
    if (metricsIn(outputDir) !== metricsIn(reference.outputDir)) wrong.push('metrics differ')
    const steps = (id: string): string =>
      store.events
        .list(id, { types: ['metric'] })
        .map(({ event }) => (event.type === 'metric' ? `${event.step}:${event.f}` : ''))
        .join()
    if (steps(this.id) !== steps(reference.id)) wrong.push('its events are not each there once')
    return wrong
  }
}

function metricsIn(dir: string): string {
  const report = JSON.parse(readFileSync(path.join(dir, 'report.json'), 'utf8')) as { metrics: unknown }
  return JSON.stringify(report.metrics)
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

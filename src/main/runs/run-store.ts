import { rmSync } from 'node:fs'
import path from 'node:path'
import { Failure } from '../../shared/domain/failure'
import type { FailureData } from '../../shared/domain/failure'
import { NEXT_STATES } from '../../shared/domain/run'
import type { RunRecord, RunState } from '../../shared/domain/run'
import { taskSpec } from '../../shared/domain/task-spec'
import type { TaskSpec } from '../../shared/domain/task-spec'
import { tellLog } from '../log'
import { RunEventStore } from './run-event-store'
import type { WorkspaceDatabase } from './workspace-database'

interface RunRow {
  id: string
  name: string
  note: string
  tags: string
  state: RunState
  spec: string
  output_dir: string
  checkpoint_dir: string
  cwd: string
  position: number
  created_at: string
  started_at: string | null
  ended_at: string | null
  pid: number | null
  owner_pid: number | null
  failure: string | null
  phase: string | null
  fraction: number | null
  seconds_left: number | null
  resumable: number
  cancel_requested: number
  sweep: string | null
  place: string | null
}

export interface NewRun {
  readonly id: string
  readonly name: string
  readonly spec: TaskSpec
  readonly outputDir: string
  readonly checkpointDir: string
  /** Folder that relative paths of the spec are relative to. */
  readonly cwd: string
  /** Whether a scheduler shall start it. */
  readonly scheduled?: boolean
  /** The sweep it belongs to. */
  readonly sweep?: string
  /** Where it is trained; this machine without one. */
  readonly place?: string | undefined
}

/** Fields of a run that change while it lives. */
export interface RunChange {
  readonly pid?: number | null
  readonly ownerPid?: number | null
  readonly failure?: FailureData | null
  readonly startedAt?: string
  readonly endedAt?: string | null
  readonly resumable?: boolean
  readonly scheduled?: boolean
  readonly name?: string
  readonly note?: string
  readonly tags?: readonly string[]
  /** The same run, with what its names stand for. */
  readonly spec?: TaskSpec
}

/**
 * All runs of a workspace, in SQLite (WAL, so that several processes may look on). A change
 * of state that NEXT_STATES does not allow is refused.
 */
export class RunStore {
  /** What the runs told. */
  readonly events: RunEventStore
  /** Checked once each: a list of a thousand would take longer to check than to read. */
  readonly #specs = new Map<string, { readonly text: string; readonly spec: TaskSpec }>()

  constructor(private readonly database: WorkspaceDatabase) {
    this.events = new RunEventStore(database)
  }

  create(run: NewRun): RunRecord {
    this.database
      .prepare(
        `INSERT INTO runs (id, name, state, spec, output_dir, checkpoint_dir, cwd, position, created_at, scheduled, sweep, place)
         VALUES (?, ?, 'queued', ?, ?, ?, ?, (SELECT COALESCE(MAX(position), 0) + 1 FROM runs), ?, ?, ?, ?)`
      )
      .run(
        run.id,
        run.name,
        JSON.stringify(run.spec),
        run.outputDir,
        run.checkpointDir,
        run.cwd,
        new Date().toISOString(),
        Number(run.scheduled ?? false),
        run.sweep ?? null,
        run.place ?? null
      )
    return this.get(run.id)
  }

  /** Newest first. */
  list(): RunRecord[] {
    const rows = this.database
      .prepare('SELECT * FROM runs WHERE removed_at IS NULL ORDER BY created_at DESC, position DESC')
      .all()
    return (rows as RunRow[]).map((row) => this.#recordOf(row))
  }

  /** Runs of a sweep, in the order of its points. */
  ofSweep(sweep: string): RunRecord[] {
    const rows = this.database
      .prepare('SELECT * FROM runs WHERE sweep = ? AND removed_at IS NULL ORDER BY created_at, position')
      .all(sweep)
    return (rows as RunRow[]).map((row) => this.#recordOf(row))
  }

  /** Runs that train now, or whose owner died while they did. */
  training(): RunRecord[] {
    const rows = this.database.prepare("SELECT * FROM runs WHERE state IN ('running', 'pausing')").all()
    return (rows as RunRow[]).map((row) => this.#recordOf(row))
  }

  find(id: string): RunRecord | undefined {
    const row = this.database.prepare('SELECT * FROM runs WHERE id = ? AND removed_at IS NULL').get(id) as
      RunRow | undefined
    return row && this.#recordOf(row)
  }

  /** @throws Failure not-found */
  get(id: string): RunRecord {
    const record = this.find(id)
    if (!record) throw new Failure('not-found', `There is no run "${id}".`, 'See "bilevel runs list".')
    return record
  }

  /** Where a run was started and where its checkpoints lie. */
  placesOf(id: string): { cwd: string; checkpointDir: string; ownerPid: number | null } {
    const row = this.database.prepare('SELECT * FROM runs WHERE id = ?').get(id) as RunRow
    return { cwd: row.cwd, checkpointDir: row.checkpoint_dir, ownerPid: row.owner_pid }
  }

  /**
   * Move a run to its next state; one transaction, so that of two processes only one can claim a queued run.
   * @throws Failure conflict when the present state does not allow it
   */
  move(id: string, to: RunState, change: RunChange = {}): RunRecord {
    const moved = this.database.transaction(() => {
      const from = this.get(id).state
      if (!NEXT_STATES[from].includes(to)) {
        throw new Failure('conflict', `Run ${id} is ${from}, so it cannot become ${to}.`, 'Look at it again.')
      }
      this.database.prepare('UPDATE runs SET state = ? WHERE id = ?').run(to, id)
      if (to === 'queued') this.database.prepare('UPDATE runs SET cancel_requested = 0 WHERE id = ?').run(id)
      this.update(id, change)
    })
    moved()
    tellLog('run', { id, state: to, failure: change.failure?.code })
    return this.get(id)
  }

  update(id: string, change: RunChange): void {
    const columns: Record<string, unknown> = {
      pid: change.pid,
      owner_pid: change.ownerPid,
      failure: change.failure === undefined ? undefined : change.failure && JSON.stringify(change.failure),
      started_at: change.startedAt,
      ended_at: change.endedAt,
      resumable: change.resumable === undefined ? undefined : Number(change.resumable),
      scheduled: change.scheduled === undefined ? undefined : Number(change.scheduled),
      name: change.name,
      note: change.note,
      tags: change.tags && JSON.stringify(change.tags),
      spec: change.spec && JSON.stringify(change.spec)
    }
    for (const [column, value] of Object.entries(columns)) {
      if (value !== undefined)
        this.database.prepare(`UPDATE runs SET ${column} = ? WHERE id = ?`).run(value, id)
    }
  }

  /** Give queued runs their order: the first runs first. Others keep their places. */
  arrange(ids: readonly string[]): void {
    const place = this.database.prepare('UPDATE runs SET position = ? WHERE id = ?')
    this.database.transaction(() => {
      const base = Math.min(...ids.map((id) => this.get(id).position))
      ids.forEach((id, i) => place.run(base + i / ids.length, id))
    })()
  }

  /** Runs that wait for a scheduler, the next one first. */
  waiting(): RunRecord[] {
    const rows = this.database
      .prepare(
        "SELECT * FROM runs WHERE state = 'queued' AND scheduled = 1 AND removed_at IS NULL ORDER BY position"
      )
      .all() as RunRow[]
    return rows.map((row) => this.#recordOf(row))
  }

  /** A number that differs when another connection has written since it was asked last. */
  dataVersion(): number {
    const [row] = this.database.pragma('data_version') as [{ data_version: number }]
    return row.data_version
  }

  /**
   * Into the bin, with everything that was decided on it. One that waits is cancelled: put back, it does not begin.
   * @throws Failure conflict while it trains
   */
  discard(id: string): RunRecord {
    const discard = this.database.transaction(() => {
      const record = this.get(id)
      if (record.state === 'running' || record.state === 'pausing') {
        throw new Failure('conflict', `Run ${id} is ${record.state}.`, 'Cancel it first.')
      }
      if (record.state === 'queued') {
        this.database.prepare("UPDATE runs SET state = 'cancelled' WHERE id = ?").run(id)
        this.update(id, { endedAt: new Date().toISOString() })
      }
      this.database.prepare('UPDATE runs SET removed_at = ? WHERE id = ?').run(new Date().toISOString(), id)
      return record
    })
    return discard.immediate()
  }

  /** What lies in the bin. */
  bin(): { id: string; name: string; removedAt: string }[] {
    return this.database
      .prepare('SELECT id, name, removed_at AS removedAt FROM runs WHERE removed_at IS NOT NULL')
      .all() as { id: string; name: string; removedAt: string }[]
  }

  /** @throws Failure not-found when it is not in the bin any more */
  restore(id: string): RunRecord {
    const { changes } = this.database
      .prepare('UPDATE runs SET removed_at = NULL WHERE id = ? AND removed_at IS NOT NULL')
      .run(id)
    if (changes === 0)
      throw new Failure('not-found', `Run ${id} is not in the bin any more.`, 'Run it again.')
    return this.get(id)
  }

  /**
   * Delete for good what lies in the bin, with what it left in its folder of the workspace; results elsewhere stay.
   * @param runsDir folder of the workspace's runs
   * @returns how many
   */
  purge(runsDir: string, isMeant: (entry: { id: string; removedAt: string }) => boolean): number {
    const meant = this.bin().filter(isMeant)
    for (const { id } of meant) {
      // The folder first: results without a record would be forgotten.
      rmSync(path.join(runsDir, id), { recursive: true, force: true, maxRetries: 3 })
      this.remove(id)
    }
    return meant.length
  }

  /** The record and all that belongs to it, for good. */
  remove(id: string): void {
    const removal = this.database.transaction(() => {
      this.database.prepare('DELETE FROM run_events WHERE run_id = ?').run(id)
      for (const table of ['decision_acts', 'decisions', 'decision_subjects'])
        this.database.prepare(`DELETE FROM ${table} WHERE kind = 'review' AND subject = ?`).run(id)
      this.database.prepare('DELETE FROM review_parts WHERE run = ?').run(id)
      this.database.prepare('DELETE FROM runs WHERE id = ?').run(id)
    })
    removal()
  }

  /** Ask the process that owns a running run, whichever it is, to end it. */
  requestCancel(id: string): void {
    this.database.prepare('UPDATE runs SET cancel_requested = 1 WHERE id = ?').run(id)
  }

  cancelRequested(id: string): boolean {
    const row = this.database.prepare('SELECT cancel_requested FROM runs WHERE id = ?').get(id)
    return (row as { cancel_requested: number } | undefined)?.cancel_requested === 1
  }

  #recordOf(row: RunRow): RunRecord {
    let known = this.#specs.get(row.id)
    if (known?.text !== row.spec) {
      known = { text: row.spec, spec: taskSpec.parse(JSON.parse(row.spec)) }
      this.#specs.set(row.id, known)
    }
    return recordOf(row, known.spec)
  }
}

function recordOf(row: RunRow, spec: TaskSpec): RunRecord {
  return {
    id: row.id,
    name: row.name,
    note: row.note,
    tags: JSON.parse(row.tags) as string[],
    state: row.state,
    spec,
    outputDir: row.output_dir,
    position: row.position,
    createdAt: row.created_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    pid: row.pid,
    failure: row.failure === null ? null : (JSON.parse(row.failure) as FailureData),
    phase: row.phase,
    fraction: row.fraction,
    secondsLeft: row.seconds_left,
    resumable: row.resumable === 1,
    ...(row.sweep === null ? {} : { sweep: row.sweep }),
    ...(row.place === null ? {} : { place: row.place })
  }
}

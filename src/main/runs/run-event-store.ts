import type { RunEvent } from '../../shared/domain/run-event'
import { UNPLACED } from './places/placement'
import type { Placement } from './places/placement'
import type { WorkspaceDatabase } from './workspace-database'

/** What waits to be written, in its order. */
type Pending = { readonly runId: string } & (
  | { readonly event: RunEvent; readonly act?: undefined }
  | { readonly act: () => void; readonly event?: undefined }
)

/** How long an event may wait to be written. */
const FLUSH_MS = 500
const LONGEST_FLUSH_MS = 10_000
const MOST_PENDING = 20_000

/** What the runs of a workspace told, and how far those at a place have been followed. */
export class RunEventStore {
  #flushPause = FLUSH_MS
  #pending: Pending[] = []
  #flushTimer: NodeJS.Timeout | undefined
  /** This process has ended its work: what is still told would be tried again for ever, and keep it from ending. */
  #isOver = false

  constructor(private readonly database: WorkspaceDatabase) {}

  /** Keep an event; written in batches: each waits for the disk, and training for the processor. */
  record(runId: string, event: RunEvent): void {
    this.#later({ runId, event })
  }

  /**
   * What cannot be written now is tried again, less and less often. Beyond what fits into memory the oldest go:
   * they are read back from the run's log when it has ended.
   */
  #flushSoon(): void {
    clearTimeout(this.#flushTimer)
    this.#flushTimer = undefined
    if (this.#isOver) return
    try {
      this.flush()
      this.#flushPause = FLUSH_MS
    } catch {
      this.#flushPause = Math.min(2 * this.#flushPause, LONGEST_FLUSH_MS)
      const oldest = this.#pending.length - MOST_PENDING
      if (oldest > 0) this.#pending = this.#pending.filter(({ act }, i) => act || i >= oldest)
      this.#flushTimer = setTimeout(() => this.#flushSoon(), this.#flushPause)
    }
  }

  /**
   * Take over what a run told that never came here, from its log: all of it, in its order, once each.
   * @param events the events of its log
   */
  complete(runId: string, events: readonly RunEvent[]): void {
    this.flush()
    const insert = this.database.prepare('INSERT INTO run_events (run_id, type, event) VALUES (?, ?, ?)')
    const write = this.database.transaction(() => {
      const { count, last } = this.database
        .prepare('SELECT COUNT(*) AS count, MAX(id) AS last FROM run_events WHERE run_id = ?')
        .get(runId) as { count: number; last: number | null }
      // A log can be the shorter one after the machine itself went down.
      if (count >= events.length) return
      const newest = this.database.prepare('SELECT event FROM run_events WHERE id = ?').get(last) as
        { event: string } | undefined
      const follows = count === 0 || newest?.event === JSON.stringify(events[count - 1])
      if (!follows) this.database.prepare('DELETE FROM run_events WHERE run_id = ?').run(runId)
      for (const event of follows ? events.slice(count) : events) {
        insert.run(runId, event.type, JSON.stringify(event))
      }
    })
    write()
  }

  /** A checkpoint stands: what was told before it must outlive this process as it does. */
  keepCheckpoint(runId: string): void {
    this.#later({
      runId,
      act: () => this.database.prepare('UPDATE runs SET resumable = 1 WHERE id = ?').run(runId)
    })
    this.#flushSoon()
  }

  /** A run goes on from a checkpoint of this age: see forgetAfter. */
  resumeFrom(runId: string, seconds: number): void {
    this.#later({ runId, act: () => this.#forget(runId, seconds) })
    this.#flushSoon()
  }

  /** How far a run at a place has been followed: written together with what it told. */
  follow(runId: string, placement: Placement): void {
    const text = JSON.stringify(placement)
    this.#later({
      runId,
      act: () => this.database.prepare('UPDATE runs SET placement = ? WHERE id = ?').run(text, runId)
    })
  }

  #later(one: Pending): void {
    if (this.#isOver) return
    this.#pending.push(one)
    this.#flushTimer ??= setTimeout(() => this.#flushSoon(), this.#flushPause)
  }

  placementOf(runId: string): Placement {
    this.flush()
    const row = this.database.prepare('SELECT placement FROM runs WHERE id = ?').get(runId)
    const { placement } = row as { placement: string | null }
    return placement === null ? UNPLACED : (JSON.parse(placement) as Placement)
  }

  /** How many events of a run are kept. */
  countEvents(runId: string): number {
    this.flush()
    const row = this.database.prepare('SELECT COUNT(*) AS count FROM run_events WHERE run_id = ?').get(runId)
    return (row as { count: number }).count
  }

  /**
   * Forget what a run told after a checkpoint of this age, which it now goes on from and tells again. Logs stay:
   * they say what happened.
   */
  forgetAfter(runId: string, seconds: number): void {
    this.flush()
    this.#forget(runId, seconds)
  }

  #forget(runId: string, seconds: number): void {
    this.database
      .prepare(
        `DELETE FROM run_events WHERE run_id = ?1 AND type <> 'log' AND id > (
           SELECT COALESCE(MAX(id), 0) FROM run_events
           WHERE run_id = ?1 AND type = 'metric' AND json_extract(event, '$.seconds') <= ?2
         )`
      )
      .run(runId, seconds)
  }

  flush(): void {
    clearTimeout(this.#flushTimer)
    this.#flushTimer = undefined
    const batch = this.#pending
    this.#pending = []
    if (batch.length === 0) return
    const write = this.database.transaction(() => {
      const insert = this.database.prepare('INSERT INTO run_events (run_id, type, event) VALUES (?, ?, ?)')
      for (const { runId, event, act } of batch) {
        if (act) {
          act()
        } else if (event.type === 'progress') {
          this.database
            .prepare('UPDATE runs SET phase = ?, fraction = ?, seconds_left = ? WHERE id = ?')
            .run(event.phase, event.fraction, event.secondsLeft ?? null, runId)
        } else {
          insert.run(runId, event.type, JSON.stringify(event))
        }
      }
    })
    try {
      write()
    } catch (error) {
      this.#pending = [...batch, ...this.#pending]
      throw error
    }
  }

  /** For the end of this process: what waits is written now or found in the logs later. */
  stopWriting(): void {
    try {
      this.flush()
    } catch {
      clearTimeout(this.#flushTimer)
    }
    this.#isOver = true
    this.#pending = []
  }

  /**
   * Events of a run in order, from after a sequence number on.
   * @param maxMetrics thin metric events to about this many by leaving out evenly spaced ones; the others and
   *   the last one stay
   */
  list(
    runId: string,
    options: { after?: number; types?: readonly RunEvent['type'][]; maxMetrics?: number } = {}
  ): { sequence: number; event: RunEvent }[] {
    const { after = 0, types, maxMetrics } = options
    const kinds = types?.length ? ` AND type IN (${types.map(() => '?').join(', ')})` : ''
    const { total, last } = this.database
      .prepare(
        `SELECT COUNT(*) AS total, MAX(id) AS last FROM run_events WHERE run_id = ? AND id > ? AND type = 'metric'`
      )
      .get(runId, after) as { total: number; last: number | null }
    const stride = maxMetrics && total > maxMetrics ? Math.ceil(total / maxMetrics) : 1
    const rows = this.database
      .prepare(
        `SELECT id, event FROM run_events WHERE run_id = ? AND id > ?${kinds}
         AND (type <> 'metric' OR id % ? = 0 OR id = ?) ORDER BY id`
      )
      .all(runId, after, ...(types ?? []), stride, last ?? 0) as { id: number; event: string }[]
    return rows.map(({ id, event }) => ({ sequence: id, event: JSON.parse(event) as RunEvent }))
  }
}

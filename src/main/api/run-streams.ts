import type { RunRecord } from '../../shared/domain/run'
import type { RunEvent } from '../../shared/domain/run-event'
import { ChangeSignal } from './change-signal'
import type { ApiContext } from './context'

/** Points of one chart's history: more cannot be told apart on a screen. */
const MOST_METRICS = 2000
/** How often live events are passed on: as often as a reader takes in a number. */
const LIVE_MS = 1000
/** The list of runs is sent at most this often. */
const LIST_MS = 200
const LIST_MS_A_RUN = 1

/** The list at once, then after every change, until the reader leaves. */
export async function* watchRuns(
  { runFeed }: ApiContext,
  signal: AbortSignal | undefined
): AsyncGenerator<RunRecord[]> {
  const change = new ChangeSignal(signal)
  const leave = runFeed.join(() => change.raise())
  try {
    while (!signal?.aborted) {
      const { runs } = runFeed.all()
      yield runs
      await change.wait()
      await pause(LIST_MS + runs.length * LIST_MS_A_RUN)
    }
  } finally {
    leave()
  }
}

/** The list at once, then what changes, until the reader leaves. */
export async function* followRuns(
  { runFeed }: ApiContext,
  signal: AbortSignal | undefined
): AsyncGenerator<{ type: 'all' | 'changes'; runs: RunRecord[]; gone: string[] }> {
  const change = new ChangeSignal(signal)
  const leave = runFeed.join(() => change.raise())
  try {
    let { version, runs } = runFeed.all()
    yield { type: 'all', runs, gone: [] }
    while (!signal?.aborted) {
      await change.wait()
      const news = runFeed.since(version)
      version = news.version
      runs = news.runs
      if (runs.length + news.gone.length > 0) yield { type: 'changes', runs, gone: news.gone }
    }
  } finally {
    leave()
  }
}

/** History, thinned, then what comes, until the run has ended or the reader leaves. */
export async function* runEvents(
  { workspace: { store } }: ApiContext,
  id: string,
  after: number,
  signal: AbortSignal | undefined
): AsyncGenerator<{ sequence: number; events: RunEvent[] }> {
  let sequence = after
  for (let first = true; !signal?.aborted; first = false) {
    const { state } = store.get(id)
    const news = store.events.list(id, { after: sequence, maxMetrics: first ? MOST_METRICS : undefined })
    sequence = news.at(-1)?.sequence ?? sequence
    if (first || news.length > 0) yield { sequence, events: news.map(({ event }) => event) }
    if (state === 'done' || state === 'failed' || state === 'cancelled' || state === 'paused') return
    await pause(LIVE_MS)
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

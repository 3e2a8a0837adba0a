import type { DecisionStream, Onlooker, StandingDecision } from '../../shared/domain/decision'
import { BEGINNING } from '../runs'
import type { DecisionLog, Reader } from '../runs'
import { ChangeSignal } from './change-signal'
import { readerOf } from './readers'
import type { Watched } from './readers'

/** Rows in one message: large ones would hold up what others ask meanwhile. */
const PAGE = 2000
/** How often to look whether another process has decided something. */
const LOOK_AROUND_MS = 500

/** What stands on a subject though nothing was written yet, and how undo calls it. */
export interface Unwritten {
  readonly decisions: readonly StandingDecision[]
  readonly undo: string
}

/**
 * What stands on a subject, in pages, then whatever changes, until the reader leaves: however a change came about,
 * each reader is told of it, and of what it can undo.
 */
export async function* decisionStream(
  { readers, connection }: Watched,
  log: DecisionLog,
  subject: string,
  who: Onlooker,
  signal: AbortSignal | undefined,
  unwritten?: Unwritten
): AsyncGenerator<DecisionStream> {
  const change = new ChangeSignal(signal)
  const raise = (): void => change.raise()
  const onChange = (of: string): void => {
    if (of === subject) raise()
  }
  let cursor = BEGINNING
  let sentRevision = -1
  let sentTurns = ''
  log.on('change', onChange)
  readers?.on('change', raise)
  const timer = setInterval(() => {
    try {
      if (log.revision(subject) !== sentRevision) raise()
    } catch {
      // A workspace that cannot be read now, such as one on a disk that was taken out, is looked at again in a moment.
    }
  }, LOOK_AROUND_MS)
  try {
    while (!signal?.aborted) {
      const begun = unwritten && sentRevision < 0 && log.isUntouched(subject) ? unwritten.decisions : []
      const { cursor: next, touched, decisions, isAll } = log.changesAfter(subject, cursor, PAGE)
      const turns = turnsOf(log, subject, readerOf(connection, who), unwritten)
      const isNews =
        touched.length > 0 || next.revision !== sentRevision || JSON.stringify(turns) !== sentTurns
      cursor = next
      if (isNews) {
        yield {
          revision: next.revision,
          touched: [...begun.map(({ row }) => row), ...touched],
          decisions: [...begun, ...decisions],
          ...turns,
          isAll
        }
      }
      if (!isAll) continue
      sentRevision = next.revision
      sentTurns = JSON.stringify(turns)
      await change.wait()
    }
  } finally {
    clearInterval(timer)
    log.off('change', onChange)
    readers?.off('change', raise)
  }
}

/** What undo and redo do for a reader, also before anything was written. */
export function turnsOf(
  log: DecisionLog,
  subject: string,
  reader: Reader,
  unwritten: Unwritten | undefined
): { undo: string | null; redo: string | null } {
  return unwritten && log.isUntouched(subject)
    ? { undo: unwritten.undo, redo: null }
    : log.turns(subject, reader)
}

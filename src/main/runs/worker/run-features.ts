import { RunPaused } from '../../../engine/tasks/shared/task-run'
import type { TaskRun } from '../../../engine/tasks/shared/task-run'
import { extractorOf } from '../../../shared/domain/features-choice'
import type { ProgressEvent, RunEvent } from '../../../shared/domain/run-event'
import type { TaskSpec } from '../../../shared/domain/task-spec'
import { count } from '../../../shared/words/numbers'
import type { ExampleSelection } from '../../datasets'
import { extractorHash } from '../../extractors/extractor'
import { findExtractor } from '../../extractors/registry'
import { SelectedFeatures } from '../../features/selected-features'
import type { RunControl } from './run-control'

/** How often to look what is wanted of the run while features are computed. */
const POLL_MS = 200
/** Share of a run's progress that computing features takes, where they are not there yet. */
const FEATURES_SHARE = 0.5

/**
 * The features that a run trains on, opened and not computed yet; undefined where its spec names no extractor.
 * @throws Failure where the extractor cannot be used on these data
 */
export async function openFeatures(
  spec: TaskSpec,
  selections: Readonly<Record<string, ExampleSelection>>,
  workspace: string
): Promise<SelectedFeatures | undefined> {
  const named = extractorOf(spec)
  if (named === undefined) return undefined
  const extractor = findExtractor(workspace, named)
  const hash = await extractorHash(extractor)
  return SelectedFeatures.open(workspace, selections, extractor, hash)
}

/**
 * Compute what is missing of the features of a run, with progress. A pause or a cancel keeps what is done: the run,
 * or another on the same data, goes on from there.
 * @throws RunPaused; Failure, cancelled where the run was
 */
export async function computeFeatures(
  features: SelectedFeatures,
  control: RunControl,
  emit: (event: ProgressEvent) => void
): Promise<void> {
  const stop = new AbortController()
  let reason: unknown
  const end = (error: unknown): void => {
    reason ??= error
    stop.abort()
  }
  const poll = setInterval(() => {
    void control.poll().then((signal) => {
      // What has no result yet cannot end early with one: a limit of time counts, but waits until labels are judged.
      if (signal === 'pause') end(new RunPaused())
      if (signal === 'cancel') stop.abort()
    }, end)
  }, POLL_MS)
  const began = control.seconds()
  try {
    await features.compute({
      signal: stop.signal,
      onProgress: (done, total) => {
        const seconds = control.seconds()
        const secondsLeft = done > 0 ? ((seconds - began) / done) * (total - done) : undefined
        const phase = `computing features (${count(done)} of ${count(total)})`
        emit({ type: 'progress', phase, fraction: (FEATURES_SHARE * done) / total, seconds, secondsLeft })
      }
    })
  } catch (error) {
    throw reason ?? error
  } finally {
    clearInterval(poll)
  }
}

/** A run whose progress goes on where computing its features ended. */
export function afterFeatures(run: TaskRun): TaskRun {
  const later = (event: RunEvent): RunEvent =>
    event.type === 'progress'
      ? { ...event, fraction: FEATURES_SHARE + (1 - FEATURES_SHARE) * event.fraction }
      : event
  return {
    ...(run.limit && { limit: run.limit }),
    restored: run.restored,
    poll: () => run.poll(),
    seconds: () => run.seconds(),
    saveCheckpoint: (checkpoint) => run.saveCheckpoint(checkpoint),
    emit: (event) => run.emit(later(event))
  }
}

/** What the report says of the features that a run was trained on. */
export function describeFeatures({ extractor, identity, facts }: SelectedFeatures): Record<string, unknown> {
  const { hash, input } = identity
  return { extractor: extractor.name, hash, input, output: facts.output, width: facts.width }
}

import { methodName } from '@shared/domain/method'
import type { LiveRun } from './live-run'

/** One run of a race and the colour of its curve. */
export interface RaceLane {
  readonly id: string
  readonly live: LiveRun
  readonly color: string
}

/** The method of a run; an ellipsis until it is known. */
export function nameOf({ record }: LiveRun): string {
  const method = record.value?.spec.method
  return method ? methodName(method) : '…'
}

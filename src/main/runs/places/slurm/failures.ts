import type { FailureData } from '../../../../shared/domain/failure'
import type { Place } from '../../../../shared/domain/place'

export function otherVersion(place: string): FailureData {
  return {
    code: 'conflict',
    sentence: `The workbench at ${place} is of another version than this one.`,
    remedy: 'Install the same version there, then resume the run.'
  }
}

/** What a run at a place says of its data is said of the copy there, which is made anew where it is missing. */
export function failureAt({ name, folder }: Place, failure: FailureData): FailureData {
  if (!/^The dataset ".*" is damaged: /.test(failure.sentence)) return failure
  return {
    ...failure,
    sentence: `At ${name}: ${failure.sentence}`,
    remedy: `Remove ${folder}/datasets there while nothing trains, then start the run again: what it needs is sent again.`
  }
}

const OUT_OF_MEMORY = 'OUT_OF_MEMORY'

/** Whether submitting the job again may help. */
export function mayTryAgain(state: string): boolean {
  return state !== OUT_OF_MEMORY
}

/** A job that ended and left neither result nor reason. @param state as Slurm calls it @param times in a row */
export function endedWithoutResult(
  { name }: Place,
  folder: string,
  state: string,
  times: number
): FailureData {
  const isMemory = state === OUT_OF_MEMORY
  const how = isMemory ? 'memory ran out' : `${times} times in a row, at last as ${state}`
  return {
    code: 'process-died',
    sentence: `The job of this run at ${name} ended without a result: ${how}. Its log is ${folder}/slurm.log there.`,
    remedy: isMemory
      ? 'Ask for more memory at the place, then resume the run.'
      : `Read that log, and what "bilevel places check ${name}" says, then resume the run.`
  }
}

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

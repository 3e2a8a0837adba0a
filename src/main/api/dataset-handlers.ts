import type { SourceChoice } from '../../shared/contract'
import { BUNDLED_SAMPLES } from '../datasets'
import type { ApiContext } from './context'

/** The source as a path that this window may read, or a bundled sample's name. @throws Failure refused */
export function allowedChoice({ shell }: ApiContext, choice: SourceChoice): SourceChoice {
  return {
    ...choice,
    source: BUNDLED_SAMPLES.includes(choice.source) ? choice.source : shell.allow(choice.source),
    truth: choice.truth === undefined ? undefined : shell.allow(choice.truth)
  }
}

/** @returns labels of all rows as the source gives them, and the truth and file names where they are known */
export function labelsOf(
  { datasets }: ApiContext,
  id: string
): { given: number[]; truth: number[] | null; files: string[] | null } {
  const selection = datasets.open(id)
  try {
    return {
      given: Array.from(selection.givenLabels),
      truth: selection.truth ? Array.from(selection.truth) : null,
      files: selection.files ? [...selection.files] : null
    }
  } finally {
    selection.close()
  }
}

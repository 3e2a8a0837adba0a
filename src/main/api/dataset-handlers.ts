import type { SourceChoice } from '../../shared/contract'
import type { DatasetMeta } from '../../shared/domain/dataset'
import type { TrustedSet } from '../../shared/domain/trusted-set'
import { BUNDLED_SAMPLES, readTrust, resolveReference } from '../datasets'
import type { ApiContext } from './context'

/** The source as a path that this window may read, or a bundled sample's name. @throws Failure refused */
export function allowedChoice({ shell }: ApiContext, choice: SourceChoice): SourceChoice {
  return {
    ...choice,
    source: BUNDLED_SAMPLES.includes(choice.source) ? choice.source : shell.allow(choice.source),
    truth: choice.truth === undefined ? undefined : shell.allow(choice.truth)
  }
}

/** @returns labels of all rows, and the truth and file names where they are known */
export function labelsOf(
  { datasets }: ApiContext,
  id: string
): { given: number[]; truth: number[] | null; files: string[] | null } {
  const selection = datasets.open(id)
  try {
    return {
      given: Array.from(selection.labels),
      truth: selection.truth ? Array.from(selection.truth) : null,
      files: selection.files ? [...selection.files] : null
    }
  } finally {
    selection.close()
  }
}

/** What is trusted of a dataset, counted by its classes. */
export async function trustOf(context: ApiContext, id: string): Promise<TrustedSet> {
  const meta = context.datasets.get(id)
  const { marks, reference } = readTrust(meta)
  const classCounts = meta.classNames.map(() => 0)
  const labels =
    reference === null ? marks.map(({ label }) => label) : await labelsIn(context, meta, reference)
  for (const label of labels) classCounts[label] = (classCounts[label] ?? 0) + 1
  return { dataset: meta.id, marks, reference, classCounts }
}

/** Labels of another reference, as classes of this dataset. */
async function labelsIn({ datasets }: ApiContext, meta: DatasetMeta, reference: string): Promise<number[]> {
  const selection = await resolveReference(datasets, reference)
  try {
    const here = selection.classNames.map((name) => meta.classNames.indexOf(name))
    return Array.from(selection.labels, (label) => here[label]!).filter((label) => label >= 0)
  } finally {
    selection.close()
  }
}

import { Failure } from '../../shared/domain/failure'
import { matches, parseWhere } from '../../shared/domain/where'
import type { ExampleSelection } from '../datasets'
import { exampleFacts } from './example-facts'
import type { ResultsContext } from './run-results'

/** Rows between two pauses, in which others are answered. */
const BLOCK = 1000

/**
 * The rows of a dataset that a question asks for, ascending. Scores, suggestions and flags are those of the newest run that
 * looked for wrong labels in it, or of the one named: `flagged = "name or id"`.
 * @param of the run that is meant instead of the newest
 * @throws Failure bad-input when the question is not understood, not-found when it needs what is not there
 */
export async function findRows(
  context: ResultsContext,
  dataset: string,
  text: string,
  of?: string
): Promise<number[]> {
  const where = parseWhere(text)
  const meta = context.datasets.get(dataset)
  const selection = context.datasets.openAsGiven(meta.id)
  try {
    const factsOf = await exampleFacts(context, selection, meta.id, where, of)
    const rows: number[] = []
    for (let row = 0; row < meta.count; row++) {
      if (row % BLOCK === BLOCK - 1) await new Promise((resolve) => setImmediate(resolve))
      if (matches(where, factsOf(row))) rows.push(row)
    }
    return rows
  } finally {
    selection.close()
  }
}

/**
 * The rows of a selection of datasets that a question asks for, ascending: each part is asked by its own dataset.
 * @param of the run whose scores and flags are meant
 * @throws Failure as findRows does, and not-found for data that are not imported
 */
export async function findAmong(
  context: ResultsContext,
  { ranges }: Pick<ExampleSelection, 'ranges'>,
  text: string,
  of?: string
): Promise<number[]> {
  const found = new Map<string, ReadonlySet<number>>()
  const rows: number[] = []
  let start = 0
  for (const { meta, from, to } of ranges) {
    if (!found.has(meta.id)) {
      if (context.datasets.find(meta.id)?.id !== meta.id)
        throw new Failure(
          'not-found',
          `"${meta.name}" is no dataset of this workspace, so nothing can be asked of its examples.`,
          'Import it first.'
        )
      found.set(meta.id, new Set(await findRows(context, meta.id, text, of)))
    }
    for (let row = from; row < to; row++) if (found.get(meta.id)!.has(row)) rows.push(start + row - from)
    start += to - from
  }
  return rows
}

/** Nothing is written for a question that nothing answers to. */
export function nothingAsked(where: string): Failure {
  return new Failure('bad-input', `No example answers to "${where}".`, 'Ask for something else.')
}

import { existsSync } from 'node:fs'
import path from 'node:path'
import { badInput, Failure } from '../../shared/domain/failure'
import type { SyntheticCurve } from '../../shared/domain/synthetic-metrics'
import { csvRecords } from '../datasets'
import type { ResultsContext } from './run-results'

const COLUMNS = ['problem', 'method', 'step', 'seconds', 'mean', 'std', 'max'] as const

/**
 * errors.csv of a run on the problems with known solutions, as curves in the order of the file.
 * @throws Failure not-found when the run left none, bad-input when the file is damaged
 */
export async function syntheticCurves(
  { workspace }: Pick<ResultsContext, 'workspace'>,
  run: string
): Promise<SyntheticCurve[]> {
  const { name, outputDir } = workspace.store.get(run)
  const file = path.join(outputDir, 'errors.csv')
  if (!existsSync(file)) {
    throw new Failure(
      'not-found',
      `Run "${name}" left no errors.csv.`,
      'Wait until it is done, or run it again.'
    )
  }
  const curves = new Map<string, SyntheticCurve>()
  let places: number[] | undefined
  for await (const { fields, line } of csvRecords(file, file, ',')) {
    if (!places) {
      places = placesOf(fields, file)
      continue
    }
    const [problem = '', method = '', ...rest] = places.map((place) => fields[place] ?? '')
    const numbers = rest.map(Number)
    if (rest.includes('') || numbers.some(Number.isNaN)) {
      throw badInput(`${file}, line ${line}, holds no distances.`, 'Run it again.')
    }
    const [step, seconds, mean, std, max] = numbers as [number, number, number, number, number]
    const key = `${problem} ${method}`
    const curve = curves.get(key) ?? { problem, method, points: [] }
    // A method that diverged ends in what is no number any more: such points cannot be drawn.
    if (numbers.every(Number.isFinite)) curve.points.push({ step, seconds, mean, std, max })
    curves.set(key, curve)
  }
  if (!places) throw badInput(`${file} is empty.`, 'Run it again.')
  return [...curves.values()]
}

function placesOf(names: readonly string[], file: string): number[] {
  const missing = COLUMNS.find((column) => !names.includes(column))
  if (missing) throw badInput(`${file} has no column ${missing}.`, 'Run it again.')
  return COLUMNS.map((column) => names.indexOf(column))
}

import { BaseSequencer } from 'vitest/node'
import type { TestSpecification } from 'vitest/node'

/** Kinds by how long one of their files takes: what is begun last goes on alone. */
const LONGEST_FIRST = [
  'browser',
  'desktop',
  'training',
  'served',
  'numerics',
  'files',
  'programs',
  'unit',
  'renderer'
]

/** Long files first, where nothing is known from an earlier run: as on a clean checkout. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ project }: TestSpecification): number => LONGEST_FIRST.indexOf(project.name)
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}

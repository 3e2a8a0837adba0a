import { readFileSync } from 'node:fs'
import path from 'node:path'
import { stringify } from 'yaml'
import type { TaskSpec } from '../../../../shared/domain/task-spec'
import { isDiskFull } from '../../../files/disk-full'
import { writeAtomicallySync } from '../../../files/write-atomically'
import { RESULTS_FOLDER } from '../../protocol'
import { fetchFolder } from '../copy'
import { DiskFull } from '../place-shell'
import type { PlaceShell } from '../place-shell'

/**
 * Copy the results of a run back: all of them, or none.
 * @param folder of the run, at the place
 * @throws Failure, Unreachable
 */
export async function fetchResults(
  shell: PlaceShell,
  folder: string,
  outputDir: string,
  spec: TaskSpec
): Promise<void> {
  try {
    await fetchFolder(shell, `${folder}/${RESULTS_FOLDER}`, outputDir, (part) => nameDataAsHere(part, spec))
  } catch (error) {
    throw isDiskFull(error) ? new DiskFull('here') : error
  }
}

/** The spec that the results were made by, with data as they are called here: there they bear names of their own. */
function nameDataAsHere(folder: string, spec: TaskSpec): void {
  const file = path.join(folder, 'report.json')
  const report = JSON.parse(readFileSync(file, 'utf8')) as object
  writeAtomicallySync(file, `${JSON.stringify({ ...report, spec }, null, 2)}\n`)
  writeAtomicallySync(path.join(folder, 'spec.yaml'), stringify(spec))
}

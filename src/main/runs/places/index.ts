import { locateData } from '../ask-worker'
import type { FromWorker } from '../protocol'
import type { RunHost } from '../run-host'
import type { RunRecord } from '../../../shared/domain/run'
import { badInput } from '../../../shared/domain/failure'
import type { TaskSpec } from '../../../shared/domain/task-spec'
import { PINNED_FILES } from '../../../shared/domain/pin'
import { flagOf } from '../../../shared/domain/flags'
import type { Workspace } from '../workspace'
import { PlaceShell } from './place-shell'
import { SlurmHost } from './slurm/slurm-host'
import { PlaceWatch } from './slurm/watch'

/** One for each login node of this process, so that all its runs are looked at together. */
const watches = new Map<string, { shell: PlaceShell; watch: PlaceWatch }>()

function watchOf(login: string | null): { shell: PlaceShell; watch: PlaceWatch } {
  const key = login ?? ''
  const shell = new PlaceShell({ login })
  const present = watches.get(key) ?? { shell, watch: new PlaceWatch(shell) }
  watches.set(key, present)
  return present
}

/** Submit a run to its place, or go on following it there. @throws Failure not-found */
export function openPlacedRun(
  workspace: Workspace,
  record: RunRecord & { readonly place: string },
  onMessage: (message: FromWorker) => void
): RunHost {
  const place = workspace.places.get(record.place)
  return new SlurmHost({
    run: record.id,
    place,
    ...watchOf(place.login),
    spec: record.spec,
    outputDir: record.outputDir,
    placement: workspace.store.placementOf(record.id),
    locate: () => locateData(workspace, record.spec),
    onMessage,
    onPlacement: (placement) => workspace.store.follow(record.id, placement)
  })
}

/** @throws Failure bad-input for a run that needs files which are not sent to places */
export function requirePlaceable(spec: TaskSpec): void {
  const named: Readonly<Record<string, unknown>> = { ...spec }
  const field = PINNED_FILES.find((name) => typeof named[name] === 'string')
  if (field === undefined) return
  throw badInput(
    `--${flagOf(field)} names files of this machine, which are not sent to another place.`,
    'Train this run on this machine.'
  )
}

import { locateData } from '../ask-worker'
import type { FromWorker } from '../protocol'
import type { RunHost } from '../run-host'
import type { RunRecord } from '../../../shared/domain/run'
import { Failure } from '../../../shared/domain/failure'
import type { Place } from '../../../shared/domain/place'
import type { Workspace } from '../workspace'
import { PlaceShell } from './place-shell'
import type { Placement } from './placement'
import { SlurmHost } from './slurm/slurm-host'
import { JobSubmitter } from './slurm/submission'
import { PlaceWatch } from './slurm/watch'
import { Supply } from './supply'

interface LoginNode {
  readonly shell: PlaceShell
  readonly watch: PlaceWatch
  readonly submitter: JobSubmitter
}

/** One for each login node of this process, so that all its runs are looked at, and submitted, together. */
const nodes = new Map<string, LoginNode>()
const supply = new Supply()

function nodeOf(login: string | null): LoginNode {
  const key = login ?? ''
  const shell = new PlaceShell({ login })
  const node = nodes.get(key) ?? { shell, watch: new PlaceWatch(shell), submitter: new JobSubmitter(shell) }
  nodes.set(key, node)
  return node
}

/**
 * Where a run is trained: the place as it is now, in the folder and by the login node that the run has gone to already.
 * One that was forgotten meanwhile is known as it was.
 * @throws Failure not-found for a place that is not known and that the run has not been to
 */
export function placeOfRun(workspace: Pick<Workspace, 'places' | 'store'>, id: string, name: string): Place {
  const { at }: Placement = workspace.store.events.placementOf(id)
  try {
    const now = workspace.places.get(name)
    return at ? { ...now, login: at.login, folder: at.folder } : now
  } catch (error) {
    if (at && error instanceof Failure && error.code === 'not-found') return at
    throw error
  }
}

/** Submit a run to its place, or go on following it there. @throws Failure not-found */
export function openPlacedRun(
  workspace: Workspace,
  record: RunRecord & { readonly place: string },
  onMessage: (message: FromWorker) => void
): RunHost {
  const { id, spec, outputDir } = record
  const { store } = workspace
  const { cwd } = store.placesOf(id)
  const place = placeOfRun(workspace, id, record.place)
  return new SlurmHost({
    run: id,
    place,
    ...nodeOf(place.login),
    supply,
    needed: { spec, cwd, locate: () => locateData(workspace, spec, cwd) },
    outputDir,
    placement: store.events.placementOf(id),
    onMessage,
    onPlacement: (placement) => store.events.follow(id, placement)
  })
}

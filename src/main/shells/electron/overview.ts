import type { Overview } from '../../../shared/contract/overview'
import { DatasetStore } from '../../datasets'
import type { Workspace } from '../../runs'

export function readOverview(workspace: Workspace): Overview {
  return {
    workspace: workspace.dir,
    datasets: new DatasetStore(workspace.datasetsDir).list(),
    runs: workspace.store.list()
  }
}

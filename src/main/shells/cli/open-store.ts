import path from 'node:path'
import type * as DatasetRoom from '../../datasets'
import { workspaceDir } from './common-options'
import type { CommonOptions } from './common-options'

/** The room of datasets, loaded when a command needs it, with the store of the workspace. */
export async function openStore(
  options: CommonOptions
): Promise<typeof DatasetRoom & { store: DatasetRoom.DatasetStore }> {
  const room = await import('../../datasets')
  room.recordFoldersIn(workspaceDir(options))
  const workspace = workspaceDir(options)
  const { workspaceDecisions } = await import('./workspace-decisions')
  const decisions = workspaceDecisions(workspace)
  return { ...room, store: new room.DatasetStore(path.join(workspace, 'datasets'), decisions) }
}

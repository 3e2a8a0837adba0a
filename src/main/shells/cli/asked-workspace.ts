import type { ResultsContext } from '../../api/run-results'
import { workspaceDir } from './common-options'
import type { CommonOptions } from './common-options'

/** Open what questions about examples need, act on it, and close it. */
export async function withAskedWorkspace<Result>(
  options: CommonOptions,
  act: (context: Pick<ResultsContext, 'workspace' | 'datasets' | 'selectionOf'>) => Promise<Result>
): Promise<Result> {
  const [{ openWorkspace }, { DatasetStore }, { RunData }] = await Promise.all([
    import('../../runs'),
    import('../../datasets'),
    import('../../api/run-data')
  ])
  const workspace = openWorkspace(workspaceDir(options))
  const datasets = new DatasetStore(workspace.datasetsDir, workspace.trust)
  const data = new RunData(workspace, datasets)
  try {
    return await act({ workspace, datasets, selectionOf: data.selectionOf.bind(data) })
  } finally {
    data.close()
    workspace.close()
  }
}

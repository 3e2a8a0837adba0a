import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import type { LabelDecisions } from '../../datasets'
import { openWorkspaceDatabase, TrustStore, userName } from '../../runs'

/**
 * What people decided about labels in the window of a workspace. Its database is opened when it is first needed: a
 * command that reads no dataset of the workspace makes none.
 */
export function workspaceDecisions(workspace: string): LabelDecisions {
  const file = path.join(workspace, 'workbench.sqlite')
  let opened: TrustStore | undefined
  const open = (): TrustStore => {
    if (opened) return opened
    mkdirSync(workspace, { recursive: true })
    const database = openWorkspaceDatabase(file)
    process.once('exit', () => database.close())
    opened = new TrustStore(database, userName())
    return opened
  }
  return {
    marksOf: (dataset) => (existsSync(file) ? open().marksOf(dataset) : []),
    excludedFrom: (dataset) => (existsSync(file) ? open().excludedFrom(dataset) : []),
    referenceOf: (dataset) => (existsSync(file) ? open().referenceOf(dataset) : null),
    adopt: (dataset, kept) => open().adopt(dataset, kept),
    forget: (dataset) => {
      if (existsSync(file)) open().forget(dataset)
    }
  }
}

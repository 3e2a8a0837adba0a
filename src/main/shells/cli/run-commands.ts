import type { Command } from 'commander'
import { Failure } from '../../../shared/domain/failure'
import { DATA_FIELDS } from '../../../shared/domain/pin'
import type { RunRecord } from '../../../shared/domain/run'
import type { Workspace } from '../../runs'
import { addCommonOptions, print, printJson, workspaceDir } from './common-options'
import type { CommonOptions } from './common-options'
import type { Finish } from './exit-codes'
import { addJudgingCommands } from './judging-commands'
import { table } from './table'

export function addRunCommands(program: Command, finish: Finish): void {
  const runs = program.command('runs').description('the runs of the workspace')
  const withStore = async (
    options: CommonOptions,
    act: (workspace: Workspace) => Promise<number> | number
  ): Promise<void> => {
    const { openWorkspace } = await import('../../runs')
    const workspace = openWorkspace(workspaceDir(options))
    try {
      finish(await act(workspace))
    } finally {
      workspace.close()
    }
  }

  addCommonOptions(runs.command('list').description('all runs, newest first')).action(
    (options: CommonOptions) =>
      withStore(options, ({ store }) => {
        const records = store.list()
        if (options.json) printJson(records)
        else
          print(
            records.length === 0
              ? 'No runs yet.'
              : table(['id', 'state', 'task', 'created', 'output'], records.map(row))
          )
        return 0
      })
  )

  addCommonOptions(runs.command('show').argument('<id>').description('one run, whole')).action(
    (id: string, options: CommonOptions) =>
      withStore(options, ({ store }) => {
        const record = store.get(id)
        if (options.json) printJson(record)
        else print(describe(record))
        return 0
      })
  )

  addCommonOptions(
    runs.command('cancel').argument('<id>').description('end a run cleanly, wherever it is running')
  ).action((id: string, options: CommonOptions) =>
    withStore(options, ({ store }) => {
      const { state } = store.get(id)
      if (state === 'queued' || state === 'paused') store.move(id, 'cancelled')
      else if (state === 'running' || state === 'pausing') store.requestCancel(id)
      else
        throw new Failure(
          'conflict',
          `Run ${id} is ${state}.`,
          'Only a run that has not ended can be cancelled.'
        )
      if (options.json) printJson(store.get(id))
      else print(`Run ${id} is asked to end.`)
      return 0
    })
  )

  addCommonOptions(
    runs.command('resume').argument('<id>').description('continue a run from its last checkpoint')
  ).action((id: string, options: CommonOptions) =>
    withStore(options, (workspace) => resume(workspace, id, options))
  )
  addJudgingCommands(runs, finish)
}

/** Train a run on, on the very data it was created with. @returns the exit code */
async function resume(workspace: Workspace, id: string, options: CommonOptions): Promise<number> {
  const record = workspace.store.get(id)
  const goesOn = record.place !== undefined && record.state === 'running'
  if (!record.resumable && !goesOn) {
    throw new Failure(
      'conflict',
      `Run ${id} (${record.state}) has no checkpoint.`,
      'Start it again with "bilevel run".'
    )
  }
  const { DatasetStore } = await import('../../datasets')
  const { pinnedRun } = await import('../../api/run-data')
  const datasets = new DatasetStore(workspace.datasetsDir)
  for (const field of DATA_FIELDS) await pinnedRun(workspace, datasets, id, field)
  if (!goesOn) workspace.store.move(id, 'queued')
  const { seeRunThrough } = await import('./train-spec')
  const { summariseReport } = await import('./report-summary')
  const { code, report } = await seeRunThrough(id, workspace, options)
  if (report) {
    if (options.json) printJson(report)
    else print(summariseReport(report, record.outputDir))
  }
  return code
}

function row(record: RunRecord): string[] {
  return [
    record.id,
    record.state,
    record.spec.task,
    record.createdAt.slice(0, 16).replace('T', ' '),
    record.outputDir
  ]
}

function describe(record: RunRecord): string {
  const lines = [
    `${record.id}: ${record.name}`,
    `state    ${record.state}${record.resumable ? ' (can be resumed)' : ''}`,
    `created  ${record.createdAt}`,
    `output   ${record.outputDir}`
  ]
  if (record.place !== undefined) lines.push(`place    ${record.place}`)
  if (record.phase && record.state === 'running') {
    lines.push(`doing    ${record.phase}, ${Math.round((record.fraction ?? 0) * 100)} %`)
  }
  if (record.failure) lines.push(`failure  ${record.failure.sentence} ${record.failure.remedy}`)
  return lines.join('\n')
}

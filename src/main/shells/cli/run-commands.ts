import type { Command } from 'commander'
import { badInput, Failure } from '../../../shared/domain/failure'
import { DATA_FIELDS } from '../../../shared/domain/pin'
import type { RunRecord } from '../../../shared/domain/run'
import type { Workspace } from '../../runs'
import { addCommonOptions, print, printJson, workspaceDir } from './common-options'
import type { CommonOptions } from './common-options'
import type { Finish } from './exit-codes'
import { addJudgingCommands } from './judging-commands'
import { table } from './table'
import { tagsOf } from './tag-command'

/** As the window has it. */
const MOST_TAGS = 20

/** Opens the workspace, acts on it, and ends with the code that this answers. */
type WithStore = (
  options: CommonOptions,
  act: (workspace: Workspace) => Promise<number> | number
) => Promise<void>

export function addRunCommands(program: Command, finish: Finish): void {
  const runs = program.command('runs').description('the runs of the workspace')
  const withStore: WithStore = async (options, act) => {
    const { openWorkspace } = await import('../../runs')
    const workspace = openWorkspace(workspaceDir(options))
    try {
      finish(await act(workspace))
    } finally {
      workspace.close()
    }
  }

  addCommonOptions(runs.command('list').description('all runs, newest first'))
    .option('--tag <tag>', 'only those with this tag')
    .action((options: CommonOptions & { tag?: string }) =>
      withStore(options, ({ store }) => {
        const wanted = options.tag?.toLowerCase()
        const has = ({ tags = [] }: RunRecord): boolean => tags.some((one) => one.toLowerCase() === wanted)
        const records = wanted === undefined ? store.list() : store.list().filter(has)
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
  addTag(runs, withStore)

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

function addTag(runs: Command, withStore: WithStore): void {
  addCommonOptions(
    runs
      .command('tag')
      .argument('<id>')
      .description('words that a run is found again by, put on and taken off')
  )
    .option('--add <tags>', 'parted by commas')
    .option('--remove <tags>', 'parted by commas')
    .action((id: string, { add, remove, ...options }: CommonOptions & { add?: string; remove?: string }) =>
      withStore(options, ({ store }) => {
        const [put, taken] = [tagsOf('--add', add), tagsOf('--remove', remove)]
        const kept = (store.get(id).tags ?? []).filter((one) => !taken.includes(one))
        const tags = [...new Set([...kept, ...put])]
        if (tags.length > MOST_TAGS)
          throw badInput(`Run ${id} would have ${tags.length} tags.`, `Keep to ${MOST_TAGS}.`)
        store.update(id, { tags })
        if (options.json) printJson({ run: id, tags })
        else print(tags.length === 0 ? 'No tags.' : tags.join(', '))
        return 0
      })
    )
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
  if (record.tags?.length) lines.push(`tags     ${record.tags.join(', ')}`)
  if (record.note) lines.push(`note     ${record.note}`)
  if (record.place !== undefined) lines.push(`place    ${record.place}`)
  if (record.phase && record.state === 'running') {
    lines.push(`doing    ${record.phase}, ${Math.round((record.fraction ?? 0) * 100)} %`)
  }
  if (record.failure) lines.push(`failure  ${record.failure.sentence} ${record.failure.remedy}`)
  return lines.join('\n')
}

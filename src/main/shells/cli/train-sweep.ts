import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { stringify } from 'yaml'
import { hasRunEnded } from '../../../shared/domain/run'
import type { RunRecord } from '../../../shared/domain/run'
import type { SweepAxis, SweepPoint, SweepTable } from '../../../shared/domain/sweep'
import { fieldTitle } from '../../../shared/domain/field-titles'
import { bestWords, meanWords, pointWords, sweepRecords, valueWords } from '../../../shared/tasks/sweep-table'
import { counted } from '../../../shared/words/numbers'
import { DatasetStore, pinSpec, sheetLines } from '../../datasets'
import { createSweep, openWorkspace, Scheduler, specsOfSweep, sweepOf, validateSpec } from '../../runs'
import type { Workspace } from '../../runs'
import { print, printJson, workspaceDir } from './common-options'
import type { CommonOptions, TrainOptions } from './common-options'
import { EXIT } from './exit-codes'
import { ProgressDisplay } from './progress-display'
import { onStop } from './stop-signals'
import { table } from './table'

const LOOK_MS = 500

/**
 * Check, record and train a sweep, and tell its table. Nothing is created before all specs and their data are found
 * good. @returns the exit code
 */
export async function trainSweep(
  base: SweepPoint,
  axes: readonly SweepAxis[],
  out: string,
  options: TrainOptions & { name?: string }
): Promise<number> {
  const workspace = openWorkspace(workspaceDir(options))
  try {
    const datasets = new DatasetStore(workspace.datasetsDir, workspace.trust)
    const specs = specsOfSweep(base, axes)
    const width = String(specs.length).length
    const runs = []
    const looked = new Set<string>()
    for (const [i, { spec, point }] of specs.entries()) {
      const pinned = await pinSpec(datasets, spec)
      // The seed does not decide whether data fit.
      const kind = JSON.stringify({ ...pinned, seed: 0 })
      if (!looked.has(kind)) await validateSpec(workspace, pinned)
      looked.add(kind)
      const folder = `${String(i + 1).padStart(width, '0')}-${folderWords(point)}`
      runs.push({ spec: pinned, point, outputDir: path.join(out, folder) })
    }
    const { sweep } = createSweep({ workspace, axes, runs, name: options.name, place: options.place })
    mkdirSync(out, { recursive: true })
    const lists = Object.fromEntries(axes.map(({ field, values }) => [field, values]))
    writeFileSync(path.join(out, 'spec.yaml'), stringify({ ...base, ...lists }))
    return await seeThrough(workspace, sweep.id, options, path.join(out, 'sweep.csv'))
  } finally {
    workspace.close()
  }
}

/** What varies, as the name of a folder. */
function folderWords(point: SweepPoint): string {
  return pointWords(point)
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .slice(0, 60)
    .replace(/^[-.]+|[-.]+$/g, '')
}

/** Queue again what was paused or failed, and see the sweep to its end. @returns the exit code */
export async function resumeSweep(id: string, options: CommonOptions): Promise<number> {
  const workspace = openWorkspace(workspaceDir(options))
  try {
    for (const run of sweepOf(workspace, id).runs) {
      if (run.resumable && run.state !== 'queued' && run.state !== 'running')
        workspace.store.move(run.id, 'queued', { scheduled: true, failure: null, endedAt: null })
    }
    return await seeThrough(workspace, id, options)
  } finally {
    workspace.close()
  }
}

/** @returns the exit code */
export function showSweep(id: string, options: CommonOptions & { csv?: boolean }): number {
  const workspace = openWorkspace(workspaceDir(options))
  try {
    const swept = sweepOf(workspace, id)
    if (options.json) printJson({ sweep: swept.sweep, table: swept.table })
    else if (options.csv) process.stdout.write(sheetLines(sweepRecords(swept.table)))
    else print(summary(swept.table))
    return EXIT.done
  } finally {
    workspace.close()
  }
}

/**
 * Follow a sweep to its end. While a workbench is open on the workspace its scheduler trains what waits, and a second
 * one would share the machine: nothing new is begun here then, and again as soon as it is closed.
 */
async function seeThrough(
  workspace: Workspace,
  id: string,
  options: CommonOptions,
  csv?: string
): Promise<number> {
  let isServed = workspace.isServed()
  const scheduler = new Scheduler(workspace, { isMine: (run) => run.sweep === id && !isServed })
  const display = new ProgressDisplay(options.quiet ?? false)
  let stopped: 'cancel' | 'pause' | undefined
  const release = onStop((signal) => {
    stopped ??= signal === 'SIGINT' ? 'cancel' : 'pause'
    if (stopped === 'cancel') {
      display.note('Ending the runs of the sweep with what they have so far.')
      for (const run of workspace.store.ofSweep(id)) if (!hasRunEnded(run.state)) scheduler.cancel(run.id)
    }
  })
  scheduler.start()
  try {
    let runs = workspace.store.ofSweep(id)
    while (stopped !== 'pause' && runs.some(isOpen)) {
      tell(display, runs)
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
      isServed = workspace.isServed()
      runs = workspace.store.ofSweep(id)
    }
  } finally {
    release()
    await scheduler.close()
    display.end()
  }
  const { sweep, table, runs } = sweepOf(workspace, id)
  if (csv !== undefined) writeFileSync(csv, sheetLines(sweepRecords(table)))
  if (options.json) printJson({ sweep, table })
  else print(summary(table))
  if (stopped === 'pause') {
    process.stderr.write(`The sweep is paused. Go on with "bilevel sweeps resume ${id}".\n`)
    return EXIT.terminated
  }
  for (const { name, failure } of runs) {
    if (failure) process.stderr.write(`bilevel: ${name}: ${failure.sentence} ${failure.remedy}\n`)
  }
  const paused = runs.filter(({ state }) => state === 'paused').length
  if (paused > 0) {
    const are = paused === 1 ? '1 run of the sweep is' : `${paused} runs of the sweep are`
    process.stderr.write(`${are} paused. Go on with "bilevel sweeps resume ${id}".\n`)
  }
  if (runs.some(({ state }) => state === 'failed')) return EXIT.failed
  if (paused > 0 && stopped !== 'cancel') return EXIT.terminated
  return stopped === 'cancel' ? EXIT.cancelled : EXIT.done
}

/** Whether something comes of it while this command waits. */
function isOpen({ state }: RunRecord): boolean {
  return state !== 'paused' && !hasRunEnded(state)
}

function tell(display: ProgressDisplay, runs: readonly RunRecord[]): void {
  const ended = runs.filter(({ state }) => hasRunEnded(state)).length
  const training = runs.filter(({ state }) => state === 'running')
  const parts = training.reduce((sum, { fraction }) => sum + (fraction ?? 0), 0)
  const now = training[0] ? `, ${training[0].name}: ${training[0].phase ?? 'starting'}` : ''
  display.show({
    phase: `${ended} of ${counted(runs.length, 'run')} ended${now}`,
    fraction: (ended + parts) / runs.length
  })
}

/** The table as a person reads it: mean ± deviation, and the best run in brackets. */
function summary({ fields, measures, rows }: SweepTable): string {
  const headings = measures.map(({ name, better }) =>
    better === 'lower' ? `${name} (less is better)` : name
  )
  return table(
    [...fields.map(fieldTitle), 'runs', ...headings],
    rows.map(({ point, runs, cells }) => {
      const done = runs.filter(({ state }) => state === 'done').length
      return [
        ...fields.map((field) => valueWords(field, point[field])),
        done === runs.length ? String(done) : `${done} of ${runs.length}`,
        ...measures.map((measure, i) => {
          const cell = cells[i] ?? null
          const best = cell && cell.count > 1 ? ` (best ${bestWords(measure, cell)})` : ''
          return `${meanWords(measure, cell)}${best}${cell?.leads ? ' *' : ''}`
        })
      ]
    })
  )
}

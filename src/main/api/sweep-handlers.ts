import { implement } from '@orpc/server'
import { sweeps } from '../../shared/contract/sweeps'
import type { Pin } from '../../shared/domain/pin'
import { axisOf } from '../../shared/domain/sweep'
import { taskSpec } from '../../shared/domain/task-spec'
import type { TaskSpec } from '../../shared/domain/task-spec'
import { TASKS } from '../../shared/tasks'
import { sweepRecords } from '../../shared/tasks/sweep-table'
import { pinSpec, sheetLines } from '../datasets'
import { createSweep, specsOfSweep, sweepOf } from '../runs'
import { requireAllowedSpec } from './allowed-spec'
import type { ApiContext } from './context'

const os = implement(sweeps).$context<ApiContext>()

export const sweepProcedures = os.router({
  create: os.create.handler(async ({ context, input: { spec, axes: typed, name, place } }) => {
    const axes = typed.map(({ field, text }) => axisOf(TASKS[spec.task].schema, field, text))
    const runs = []
    const pins: Pin[] = [...(spec.pins ?? [])]
    for (const { spec: one, point } of specsOfSweep({ ...spec }, axes)) {
      const pinned = await pinnedAlike(context, one, pins)
      runs.push({ spec: pinned, point })
    }
    const { sweep, runs: records } = createSweep({ workspace: context.workspace, axes, runs, name, place })
    context.scheduler.announce()
    return { sweep, runs: records.map(({ id }) => id) }
  }),
  list: os.list.handler(({ context }) => context.workspace.sweeps.list()),
  get: os.get.handler(({ context, input }) => {
    const { sweep, table } = sweepOf(context.workspace, input.sweep)
    return { sweep, table, csv: sheetLines(sweepRecords(table)) }
  })
})

/** Every run of a sweep is of the very data that the first one with that name was given. @throws Failure */
async function pinnedAlike(context: ApiContext, spec: TaskSpec, pins: Pin[]): Promise<TaskSpec> {
  requireAllowedSpec(context, spec)
  const order = taskSpec.parse({ ...spec, ...(pins.length > 0 ? { pins } : {}) })
  const pinned = await pinSpec(context.datasets, order)
  for (const pin of pinned.pins ?? []) {
    if (!pins.some(({ source, file }) => source === pin.source && file === pin.file)) pins.push(pin)
  }
  return pinned
}

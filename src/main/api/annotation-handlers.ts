import { implement } from '@orpc/server'
import { annotations } from '../../shared/contract/annotations'
import { badInput } from '../../shared/domain/failure'
import { parseWhere } from '../../shared/domain/where'
import { ChangeSignal } from './change-signal'
import { placeOf } from './row-places'
import type { ResultsContext } from './run-results'

const os = implement(annotations).$context<ResultsContext>()

/** How often to look whether another process has written something. */
const LOOK_AROUND_MS = 1000

export const annotationProcedures = os.router({
  watch: os.watch.handler(async function* ({ context, input: { dataset }, signal }) {
    const { id } = context.datasets.get(dataset)
    const { annotations: store } = context.workspace.trust
    const change = new ChangeSignal(signal)
    const onChange = (of: string): void => {
      if (of === id) change.raise()
    }
    let version = store.version()
    let sent = ''
    store.on('change', onChange)
    const timer = setInterval(() => {
      if (store.version() === version) return
      version = store.version()
      change.raise()
    }, LOOK_AROUND_MS)
    try {
      while (!signal?.aborted) {
        const now = store.of(id)
        const text = JSON.stringify(now)
        if (text !== sent) yield now
        sent = text
        await change.wait()
      }
    } finally {
      clearInterval(timer)
      store.off('change', onChange)
    }
  }),
  tag: os.tag.handler(({ context, input: { dataset, rows, add = [], remove = [], by } }) => {
    const { id, count } = context.datasets.get(dataset)
    for (const row of rows) requireRow(row, count)
    return context.workspace.trust.annotations.retag(id, rows, { add, remove }, by)
  }),
  place: os.place.handler(async ({ context, input: { run, row } }) => {
    const place = placeOf((await context.selectionOf(run, 'train')).ranges, row)
    return place && context.datasets.find(place.dataset)?.id === place.dataset ? place : null
  }),
  note: os.note.handler(({ context, input: { dataset, row, note, by } }) => {
    const { id, count } = context.datasets.get(dataset)
    requireRow(row, count)
    context.workspace.trust.annotations.note(id, row, note, by)
  }),
  saveQuestion: os.saveQuestion.handler(({ context, input: { dataset, name, where } }) => {
    const { id } = context.datasets.get(dataset)
    if (where !== null) parseWhere(where)
    context.workspace.trust.annotations.saveQuestion(id, name, where)
  })
})

function requireRow(row: number, count: number): void {
  if (row >= count) throw badInput(`There is no example ${row}: there are ${count}.`, 'Count from 0.')
}

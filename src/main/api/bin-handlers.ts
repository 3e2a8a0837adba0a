import { implement } from '@orpc/server'
import { bin } from '../../shared/contract/bin'
import type { ApiContext } from './context'
import { emptyBin, listBin, restoreFromBin } from './removal'

const os = implement(bin).$context<ApiContext>()

export const binProcedures = os.router({
  list: os.list.handler(({ context }) => listBin(context)),
  restore: os.restore.handler(({ context, input }) => {
    const restored = restoreFromBin(context, input)
    context.scheduler.emit('change')
    return restored
  }),
  empty: os.empty.handler(({ context, input }) => ({ count: emptyBin(context, input.entries) }))
})

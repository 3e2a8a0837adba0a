import { implement } from '@orpc/server'
import { updates } from '../../shared/contract/updates'
import type { ApiContext } from './context'

const os = implement(updates).$context<ApiContext>()

export const updateProcedures = os.router({
  state: os.state.handler(({ context }) => context.shell.updates.state),
  check: os.check.handler(({ context }) => context.shell.updates.check()),
  download: os.download.handler(({ context }) => context.shell.updates.download()),
  cancel: os.cancel.handler(({ context }) => context.shell.updates.cancel())
})

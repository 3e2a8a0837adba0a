import { implement } from '@orpc/server'
import { places } from '../../shared/contract/places'
import { Failure } from '../../shared/domain/failure'
import { checkPlace } from '../runs'
import type { ApiContext } from './context'

const os = implement(places).$context<ApiContext>()

export const placeProcedures = os.router({
  list: os.list.handler(({ context }) => context.workspace.places.list()),
  save: os.save.handler(({ context, input }) => {
    requireOwnMachine(context)
    return context.workspace.places.save(input)
  }),
  remove: os.remove.handler(({ context, input }) => {
    context.workspace.places.remove(input.name)
    return {}
  }),
  check: os.check.handler(({ context, input }) => checkPlace(context.workspace.places.get(input.name)))
})

/** Whoever serves a workbench to other machines lets nobody there name commands that this one runs. */
function requireOwnMachine({ shell }: ApiContext): void {
  if (!shell.info.exposed) return
  throw new Failure(
    'refused',
    'A place names commands, and this workbench is open to other machines.',
    'Add it on the machine that serves it, on its command line.'
  )
}

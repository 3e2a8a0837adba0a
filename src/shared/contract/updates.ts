import { updateState } from '../domain/update'
import { procedure } from './base'

/** Newer versions of the desktop program. Each step is asked for by a person. */
export const updates = {
  state: procedure.output(updateState),
  /** Ask whether there is one. */
  check: procedure.output(updateState),
  /** Download the one that was offered; `state` tells how far it is. */
  download: procedure.output(updateState),
  cancel: procedure.output(updateState)
}

import * as z from 'zod'
import { place } from '../domain/place'
import { procedure } from './base'

const byName = z.object({ name: z.string() })

export const places = {
  list: procedure.output(z.array(place)),
  /** Add one, or change the one of that name. */
  save: procedure.input(place).output(place),
  remove: procedure.input(byName).output(z.object({})),
  /** Whether runs can be trained there, to the first thing that is wrong; a small job takes part, so it takes a while. */
  check: procedure.input(byName).output(
    z.array(
      z.object({
        name: z.string(),
        level: z.enum(['ok', 'warning', 'error']),
        detail: z.string(),
        remedy: z.string().optional()
      })
    )
  )
}

import * as z from 'zod'
import { procedure } from './base'

/** A part of what is shipped; the first is the product itself. */
export const shippedComponent = z.object({
  name: z.string(),
  version: z.string(),
  /** In SPDX's words. */
  license: z.string(),
  home: z.string().nullable()
})
export type ShippedComponent = z.infer<typeof shippedComponent>

export const licences = {
  list: procedure.output(z.array(shippedComponent)),
  /** Licence and notices of one of them. */
  text: procedure
    .input(z.object({ name: z.string(), version: z.string() }))
    .output(z.object({ text: z.string() }))
}

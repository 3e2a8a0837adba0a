import * as z from 'zod'
import { poisonFacts } from '../domain/poison-facts'
import { denoisingSpec } from '../domain/task-spec'
import { picture, procedure } from './base'

const attack = z.object({
  run: z.string(),
  /** Which set of a budget curve, by its number of poisons; null is the one that was exported. */
  count: z.int().positive().nullable().default(null)
})

export const poisons = {
  /** A page of the poisons that an attack left. */
  list: procedure
    .input(
      attack.extend({ from: z.int().nonnegative().default(0), size: z.int().min(1).max(48).default(12) })
    )
    .output(z.object({ total: z.int(), shape: z.array(z.int()), poisons: z.array(poisonFacts) })),
  /** POISON_PANELS of each poison named, as one PNG laid out by atlasGrid; mid grey is no difference. */
  panels: procedure
    .input(
      attack.extend({
        indices: z.array(z.int().nonnegative()).min(1).max(48),
        tileSize: z.int().min(8).max(512)
      })
    )
    .output(picture),
  /** Attack, then defend: denoising of the poisoned set, the attack's validation examples trusted. */
  defence: procedure.input(z.object({ run: z.string() })).output(denoisingSpec)
}

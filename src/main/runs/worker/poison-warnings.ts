import { mayHoldPoisons } from '../../datasets'
import type { ExampleSelection } from '../../datasets'

/** Roles whose examples something is trained or chosen with. */
const ROLES = ['train', 'trusted', 'validation'] as const

/**
 * A sentence for each role whose data a manifest calls poisoned: a set may have lost its name, and not everyone
 * who trains on it made it.
 */
export function poisonWarnings(selections: Readonly<Record<string, ExampleSelection>>): string[] {
  return ROLES.flatMap((role) => {
    const selection = selections[role]
    if (!selection || !mayHoldPoisons(selection)) return []
    const consequence =
      role === 'train'
        ? 'whatever is trained on it may fail as the attack meant it to'
        : 'it must not be relied on'
    return [
      `--${role} (${selection.reference}) is POISONED, as its manifest.json says: ${consequence}. "bilevel datasets export ... --without-poisons" writes it without the poisons.`
    ]
  })
}

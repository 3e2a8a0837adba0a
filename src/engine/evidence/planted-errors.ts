import type { EvidenceRows } from './labelled-rows'
import type { LabelBeliefs } from './wrong-labels'

export interface PlantedErrors {
  readonly planted: number
  /** How many of them would be flagged. */
  readonly found: number
}

/**
 * Every trusted example with every wrong label in turn: log odds that it is wrong. The opinions on trusted examples come
 * from classifiers that have not seen them, so nothing is trained again. Those that a person judged are left out: they may
 * have been asked for because they are hard.
 */
export function plantedErrors(
  { classes, doubtful, labels, judged }: EvidenceRows,
  beliefs: LabelBeliefs
): Float64Array {
  const out: number[] = []
  for (let row = doubtful; row < labels.length; row++) {
    if (judged && judged[row - doubtful]! >= 0) continue
    for (let k = 0; k < classes; k++) {
      if (k !== labels[row]) out.push(beliefs.of(row, k).logOdds)
    }
  }
  return Float64Array.from(out)
}

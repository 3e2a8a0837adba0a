import { rowCount } from './labelled-rows'
import type { EvidenceRows } from './labelled-rows'
import type { LabelBeliefs } from './wrong-labels'

export interface PlantedErrors {
  readonly planted: number
  /** How many of them would be flagged. */
  readonly found: number
}

/**
 * Every trusted example with every wrong label in turn: how many of these errors would be flagged. The opinions on
 * trusted examples come from classifiers that have not seen them, so nothing is trained again. Those that a person judged
 * are left out: they may have been asked for because they are hard.
 * @param cut log odds from which on a label is flagged
 */
export function plantedErrors(rows: EvidenceRows, beliefs: LabelBeliefs, cut: number): PlantedErrors {
  const { classes, doubtful, labels, judged } = rows
  let planted = 0
  let found = 0
  for (let row = doubtful; row < rowCount(rows); row++) {
    if (judged && judged[row - doubtful]! >= 0) continue
    for (let k = 0; k < classes; k++) {
      if (k === labels[row]) continue
      planted++
      found += Number(beliefs.of(row, k).logOdds >= cut)
    }
  }
  return { planted, found }
}

import * as z from 'zod'
import { keep, kept } from './kept'

const KEPT = 'dataset at hand'

/** A page of this dataset is open. */
export function takeInHand(dataset: string): void {
  keep(KEPT, dataset)
}

/** The dataset whose page was the last to be open in this window. */
export function datasetAtHand(): string | undefined {
  return kept(KEPT, z.string())
}

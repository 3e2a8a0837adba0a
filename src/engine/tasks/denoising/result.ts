import type { DenoisingMetrics } from '../../../shared/domain/denoising-metrics'
import type { Network } from '../../models/network'
import type { Solved } from '../shared/task-run'
import type { DenoisingEvidence } from './evidence'

export interface DenoisingResult extends Solved {
  readonly metrics: DenoisingMetrics
  readonly evidence: DenoisingEvidence
  /** Class that the classifiers of the run, taken together, predict; one an example. */
  readonly predicted: Int32Array
  /** 1 where the label is believed to be wrong. */
  readonly flagged: Uint8Array
  /** Labels the run used: as given, or as a review corrected them. */
  readonly labels: Int32Array
  /** Weights after each epoch, row-major [epochs recorded, train.count]. */
  readonly trajectory: readonly Float32Array[]
  /** The recommended classifier: network and parameters, which take features as they are. */
  readonly network: Network
  readonly parameters: Float32Array
  /** The run's own classifier: where another run can go on; it takes a table's features standardised. */
  readonly lower: Float32Array
}

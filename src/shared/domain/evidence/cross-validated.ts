import { labelConfidence } from './kind'
import type { EvidenceKind } from './kind'

/** Confident learning (Northcutt et al. 2021). */
export const crossValidated = {
  id: 'crossValidated',
  column: 'cross_validated_score',
  title: 'Cross-validated',
  text: 'How sure classifiers are that learned from the other examples and never saw this one.',
  always: false,
  isEarly: false,
  share: 1,
  scores: ({ labels, probabilities }) =>
    probabilities.crossValidated && labelConfidence(probabilities.crossValidated, labels)
} as const satisfies EvidenceKind

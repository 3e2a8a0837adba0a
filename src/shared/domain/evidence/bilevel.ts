import { labelConfidence } from './kind'
import type { EvidenceKind } from './kind'

export const bilevel = {
  id: 'bilevel',
  column: 'bilevel_score',
  title: "Run's own classifier",
  text: 'How sure the classifier that was trained along with the weights is of the given label.',
  always: false,
  isEarly: true,
  share: 1.5,
  scores: ({ labels, probabilities }) => probabilities.own && labelConfidence(probabilities.own, labels)
} as const satisfies EvidenceKind

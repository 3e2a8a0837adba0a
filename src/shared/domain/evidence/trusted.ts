import { labelConfidence } from './kind'
import type { EvidenceKind } from './kind'

export const trusted = {
  id: 'trusted',
  column: 'trusted_score',
  title: 'Trusted only',
  text: 'How sure a classifier is that has seen nothing but your trusted examples.',
  always: false,
  isEarly: true,
  share: 1,
  scores: ({ labels, probabilities }) =>
    probabilities.trusted && labelConfidence(probabilities.trusted, labels)
} as const satisfies EvidenceKind

import type { EvidenceKind } from './kind'

export const weight = {
  id: 'weight',
  column: 'label_score',
  title: 'Learned weight',
  text: 'How much the run came to rely on this example, because that made it predict the trusted ones better.',
  always: true,
  isEarly: true,
  // The run says two things; of the two its classifier ranks better.
  share: 0.5,
  scores: ({ weights }) => weights
} as const satisfies EvidenceKind

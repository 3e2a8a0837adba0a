import { bilevel } from './bilevel'
import { crossValidated } from './cross-validated'
import { trusted } from './trusted'
import { weight } from './weight'

/** The kinds of evidence, in the order of their columns and of their part in the combined score. */
export const EVIDENCE = [weight, bilevel, trusted, crossValidated] as const

type Kind = (typeof EVIDENCE)[number]
export type EvidenceId = Kind['id']
/** Those that every run has, and those that only some have. */
export type StandingEvidence = Extract<Kind, { always: true }>['id']
export type OccasionalEvidence = Extract<Kind, { always: false }>['id']

/** Scores by kind. */
export type EvidenceScores<Scores> = Readonly<
  Record<StandingEvidence, Scores> & Partial<Record<OccasionalEvidence, Scores | null>>
>

/** All kinds as one score (combined-score.ts of denoising): the default ranking. */
export const COMBINED = { id: 'combined', column: 'combined_score', title: 'All evidence' } as const

/** The title of a kind, or of all together. */
export function evidenceTitle(id: string): string {
  return [COMBINED, ...EVIDENCE].find((kind) => kind.id === id)?.title ?? id
}

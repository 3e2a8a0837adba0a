import { EVIDENCE } from '../../../shared/domain/evidence'
import type { EvidenceScores } from '../../../shared/domain/evidence'
import type { EvidenceSources } from '../../../shared/domain/evidence/kind'
import { combinedScore } from './combined-score'

/** Scores of the kinds of evidence, one an example of `train`, in 0..1 where low is bad; and all as one. */
export type DenoisingEvidence = EvidenceScores<Float32Array> & { readonly combined: Float32Array }

/** What each kind of evidence says of each label. */
export async function gatherEvidence(run: EvidenceSources): Promise<DenoisingEvidence> {
  const found = []
  for (const kind of EVIDENCE) {
    const scores = await kind.scores(run)
    if (scores) found.push({ id: kind.id, scores, share: kind.share })
  }
  const byKind = Object.fromEntries(found.map(({ id, scores }) => [id, scores]))
  return { ...(byKind as unknown as EvidenceScores<Float32Array>), combined: combinedScore(found) }
}

/** A number of each kind of evidence that there is, and of all as one. */
export function ofEach<T>(
  evidence: DenoisingEvidence,
  number: (scores: Float32Array) => T
): Record<string, T> {
  const { combined } = evidence
  const each = EVIDENCE.flatMap(({ id }) => {
    const scores = evidence[id]
    return scores ? [[id, number(scores)] as const] : []
  })
  return Object.fromEntries([...each, ['combined', number(combined)]])
}

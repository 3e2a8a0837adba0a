import { badInput } from '../../../shared/domain/failure'
import type { ExtractorInput } from '../../extractors/extractor'

/** Outputs by name, the one that classifies others best first. Scores of the model's own classes come last. */
const WANTED: Readonly<Record<ExtractorInput, readonly string[]>> = {
  pictures: ['image_embeds', 'pooler_output', 'features', 'embeddings', 'embedding', 'last_hidden_state'],
  texts: [
    'sentence_embedding',
    'text_embeds',
    'sentence_embeddings',
    'token_embeddings',
    'last_hidden_state',
    'pooler_output'
  ]
}
const SCORES = /logits|prob|score|softmax|class/i

/** @returns the output to take as features @throws Failure bad-input where there is none */
export function chooseOutput(names: readonly string[], input: ExtractorInput): string {
  const known = WANTED[input].find((name) => names.includes(name))
  const chosen = known ?? names.find((name) => !SCORES.test(name)) ?? names[0]
  if (chosen !== undefined) return chosen
  throw badInput('The model of the extractor has no output.', 'Choose another extractor.')
}

/** What was taken, as a clause. @param rank of the output */
export function describeOutput(name: string, rank: number, pooling: string): string {
  if (SCORES.test(name)) return `${name}, the scores of the model's own classes (it has no other output)`
  if (rank === 3) return `${name}, ${pooling === 'cls' ? 'the first token' : `${pooling} over the tokens`}`
  return rank === 4 ? `${name}, mean over the picture` : name
}

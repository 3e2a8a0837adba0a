/** What "features" of an attack with true labels may say instead of a file or an extractor. */
export const PIXELS = 'pixels'

/** What the field "features" of a spec names. */
export type FeaturesKind = 'pixels' | 'arrays' | 'extractor'

/** Arrays of features are files of numpy's; anything else is the folder or the name of an extractor. */
export function kindOfFeatures(named: string): FeaturesKind {
  if (named === PIXELS) return 'pixels'
  return /\.np[yz]$/i.test(named) ? 'arrays' : 'extractor'
}

/** The extractor that a spec names, by folder or name; undefined where it names none. */
export function extractorOf(spec: object): string | undefined {
  const { features } = { features: undefined, ...spec } as { readonly features: unknown }
  return typeof features === 'string' && kindOfFeatures(features) === 'extractor' ? features : undefined
}

/** Numbers of a picture up to which its pixels are features as good as any: digits and the like, not photographs. */
export const SMALL_PICTURE = 1024

/** Pictures beyond this side are photographs for the most part; below it pixels do as well. */
export const SMALL_SIDE = 32
/** Tasks that can train on features. */
export const ON_FEATURES: ReadonlySet<string> = new Set(['denoising', 'hyperparameters'])

const PROPOSAL = 'On photographs, features of a pretrained extractor find far more than pixels'

/** What to say to a run on the pixels of photographs, or nothing. */
export function featuresProposal(
  spec: { readonly task: string; readonly features?: string },
  shape: readonly number[]
): string | undefined {
  const [height = 0, width = 0, channels] = shape
  if (channels === undefined || Math.max(height, width) <= SMALL_SIDE) return undefined
  if (spec.features !== undefined || !ON_FEATURES.has(spec.task)) return undefined
  return `${PROPOSAL}: see --features and "bilevel extractors list".`
}

/** Whether a report's sentence is that proposal, in any shell's words: a window that offers a button says it there. */
export function isFeaturesProposal(sentence: string): boolean {
  return sentence.startsWith(PROPOSAL)
}

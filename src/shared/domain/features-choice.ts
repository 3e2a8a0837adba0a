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

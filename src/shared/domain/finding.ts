import * as z from 'zod'

/** What an example is, so that a kind of finding applies to it. */
export type FindingScope = 'any' | 'pictures' | 'texts' | 'tables'

interface FindingKindFacts {
  /** In files: `is_<id>_issue` and `<id>_score`, as cleanlab's Datalab names them. */
  readonly id: string
  readonly title: string
  /** What was found, as a sentence about the examples. */
  readonly sentence: string
  readonly scope: FindingScope
}

/** What is looked for beside wrong labels, in the order in which it is shown. */
export const FINDING_KINDS = [
  {
    id: 'exact_duplicate',
    title: 'Exact duplicates',
    sentence: 'The same content as an example before them.',
    scope: 'any'
  },
  {
    id: 'near_duplicate',
    title: 'Near duplicates',
    sentence: 'Far nearer to another example than to the rest of their neighbours.',
    scope: 'any'
  },
  {
    id: 'leakage',
    title: 'In two splits',
    sentence: 'A duplicate, exact or near, lies in another split: accuracy measured there is too high.',
    scope: 'any'
  },
  {
    id: 'conflict',
    title: 'Duplicates with other labels',
    sentence: 'A duplicate, exact or near, has another label: one of the two is wrong.',
    scope: 'any'
  },
  {
    id: 'outlier',
    title: 'Outliers',
    sentence: 'Far from everything else.',
    scope: 'any'
  },
  {
    id: 'dark',
    title: 'Dark pictures',
    sentence: 'Even their brightest parts are dark.',
    scope: 'pictures'
  },
  {
    id: 'light',
    title: 'Bright pictures',
    sentence: 'Even their darkest parts are bright.',
    scope: 'pictures'
  },
  {
    id: 'low_information',
    title: 'Almost one colour',
    sentence: 'There is hardly anything to see.',
    scope: 'pictures'
  },
  {
    id: 'blurry',
    title: 'Blurred pictures',
    sentence: 'Far less sharp than the others.',
    scope: 'pictures'
  },
  {
    id: 'odd_size',
    title: 'Odd sizes',
    sentence: 'Far more or far fewer pixels than the others.',
    scope: 'pictures'
  },
  {
    id: 'odd_aspect_ratio',
    title: 'Odd shapes',
    sentence: 'Much longer than wide, or much wider than long.',
    scope: 'pictures'
  },
  { id: 'empty', title: 'Empty', sentence: 'Nothing stands in them.', scope: 'tables' },
  { id: 'short', title: 'Very short texts', sentence: 'Far shorter than the others.', scope: 'texts' },
  { id: 'long', title: 'Very long texts', sentence: 'Far longer than the others.', scope: 'texts' }
] as const satisfies readonly FindingKindFacts[]

export type FindingKind = (typeof FINDING_KINDS)[number]['id']
const kinds = FINDING_KINDS.map(({ id }) => id)
export const findingKind = z.enum(kinds as [FindingKind, ...FindingKind[]])

export const finding = z.object({
  kind: findingKind,
  /** Rows of the surveyed examples, the worst first. */
  rows: z.array(z.int().nonnegative()),
  /** 0..1, low is bad; one a row. */
  scores: z.array(z.number()),
  /** Of duplicates: the row that each is a duplicate of. */
  partners: z.array(z.int().nonnegative()).nullable(),
  /** Why nothing is listed though it was looked for. */
  note: z.string().nullable()
})
export type Finding = z.infer<typeof finding>

/** What a survey of examples found. */
export const survey = z.object({
  schema: z.literal(1),
  /** What was surveyed, as a reference. */
  reference: z.string(),
  count: z.int().nonnegative(),
  /** What distances are distances of, as a clause. */
  space: z.string(),
  findings: z.array(finding),
  seconds: z.number()
})
export type Survey = z.infer<typeof survey>

/** Title and sentence of a kind. */
export function findingFacts(kind: FindingKind): FindingKindFacts {
  return FINDING_KINDS.find(({ id }) => id === kind)!
}

/** How the points of a map are laid out. */
export const MAP_LAYOUTS = ['pca', 'umap'] as const
export const mapLayout = z.enum(MAP_LAYOUTS)
export type MapLayout = z.infer<typeof mapLayout>

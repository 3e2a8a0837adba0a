/** Files of a survey's folder; arrays are raw little-endian values, a row an example. */

/** What was found, as a survey of shared/domain/finding.ts; written last. */
export const SURVEY_FILE = 'survey.json'
/** A line an example in the columns of cleanlab's Datalab. */
export const FINDINGS_FILE = 'findings.csv'
/** The vectors that distances are taken of, float32. */
export const VECTORS_FILE = 'vectors.f32'
/** Places on the map, float32 [examples, 2], by layout. */
export const MAP_FILES = { pca: 'pca.f32', umap: 'umap.f32' } as const

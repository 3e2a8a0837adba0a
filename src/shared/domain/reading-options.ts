import { z } from 'zod'

/** How the files of a source are read, where looking at them does not tell; the same in a spec, the API and flags. */
export const readingOptions = z.object({
  format: z.string().optional().describe('Force the format of every path named.'),
  imageSize: z.int().positive().optional().describe('Resize images to this side where their sizes differ.'),
  labelColumn: z.string().optional().describe('The label column of a table.'),
  header: z
    .enum(['auto', 'yes', 'no'])
    .optional()
    .describe('Whether the first row of a table names its columns (auto: found by looking).'),
  separator: z
    .string()
    .min(1)
    .optional()
    .describe('What stands between the fields of a text table: comma, semicolon, tab, bar or blank.'),
  leaveOut: z
    .array(z.string())
    .optional()
    .describe(
      'Columns of a table that are no features, in place of the row numbers found by looking (none: "").'
    ),
  encoding: z
    .string()
    .min(1)
    .optional()
    .describe('Character encoding of texts and names that are not UTF-8, such as windows-1252 or shift_jis.'),
  strict: z
    .boolean()
    .optional()
    .describe('A picture that cannot be read ends the import, instead of being left out and told.')
})
export type ReadingOptions = z.infer<typeof readingOptions>

/** The reading options among other settings, such as those of a spec. */
export function readingOptionsOf(settings: object): ReadingOptions {
  return readingOptions.parse(settings)
}

import * as z from 'zod'

/** How the files of a source are read, where looking at them does not tell; the same in a spec, the API and flags. */
export const readingOptions = z.object({
  format: z.string().optional().describe('Force the format of every path named.').meta({ group: 'Data' }),
  imageSize: z
    .int()
    .positive()
    .optional()
    .describe('Resize images to this side where their sizes differ.')
    .meta({ group: 'Data' }),
  labelColumn: z.string().optional().describe('The label column of a table.').meta({ group: 'Data' }),
  header: z
    .enum(['auto', 'yes', 'no'])
    .optional()
    .describe('Whether the first row of a table names its columns (auto: found by looking).')
    .meta({ group: 'Data' }),
  separator: z
    .string()
    .min(1)
    .optional()
    .describe('What stands between the fields of a text table: comma, semicolon, tab, bar or blank.')
    .meta({ group: 'Data' }),
  leaveOut: z
    .array(z.string())
    .optional()
    .describe(
      'Columns of a table that are no features, in place of the row numbers found by looking (none: "").'
    )
    .meta({ group: 'Data' }),
  column: z
    .array(z.string())
    .optional()
    .describe(
      'Roles of columns of a table, as name=role: label, number, category, date, text or ignore (default: found by looking).'
    )
    .meta({ group: 'Data' }),
  skipUnlabelled: z
    .boolean()
    .optional()
    .describe('Rows of a table without a label are left out and told, instead of ending the import.')
    .meta({ group: 'Data' }),
  encoding: z
    .string()
    .min(1)
    .optional()
    .describe('Character encoding of texts and names that are not UTF-8, such as windows-1252 or shift_jis.')
    .meta({ group: 'Data' }),
  strict: z
    .boolean()
    .optional()
    .describe('A picture that cannot be read ends the import, instead of being left out and told.')
    .meta({ group: 'Data' })
})
export type ReadingOptions = z.infer<typeof readingOptions>

/** The reading options among other settings, such as those of a spec. */
export function readingOptionsOf(settings: object): ReadingOptions {
  return readingOptions.parse(settings)
}

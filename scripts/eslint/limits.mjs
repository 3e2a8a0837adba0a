// How long and how branched a function may be. Blank lines and comments do not count.
export const LIMITS = {
  complexity: ['error', 15],
  'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }]
}

/** Readers of file formats: a field after the other, each with its own refusal. */
export const PARSERS = [
  'src/main/datasets/codecs/label-table.ts',
  'src/main/datasets/codecs/table-layout.ts',
  'src/main/datasets/pictures/bmp.ts',
  'src/main/datasets/pictures/png.ts',
  'src/main/file-formats/mat-file.ts',
  'src/main/file-formats/npy.ts'
]

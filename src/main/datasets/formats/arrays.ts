import { npyCodec, npzCodec } from '../codecs/array-codecs'
import { copyArchive, copyArrayFiles } from '../export/copy-arrays'
import { writeNpy, writeNpz } from '../export/array-writer'
import type { FormatDefinition } from './format'

// NumPy's arrays hold whatever the workbench holds.

export const npz: FormatDefinition = {
  text: 'NumPy archive (.npz): arrays x and y in one file',
  endings: ['npz'],
  codec: npzCodec,
  write: writeNpz,
  copyRows: (_, copy, target) => copyArchive(copy, target),
  fileName: /\.npz$/i,
  limit: () => undefined
}

export const npy: FormatDefinition = {
  text: 'NumPy arrays (.npy): x and y as files of their own',
  endings: ['npy'],
  codec: npyCodec,
  write: writeNpy,
  copyRows: (_, copy, target) => copyArrayFiles(copy, target),
  fileName: /\.npy$/i,
  limit: () => undefined
}

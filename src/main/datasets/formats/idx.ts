import { idxCodec } from '../codecs/idx-codec'
import { writeIdx } from '../export/idx-writer'
import type { FormatDefinition } from './format'
import { lineNameLimit, splitLimit } from './limits'

export const idx: FormatDefinition = {
  text: 'IDX: the files of MNIST and its relatives',
  endings: ['idx', 'gz'],
  codec: idxCodec,
  write: writeIdx,
  limit: (selection, splits) => splitLimit(selection, 'idx', splits) ?? lineNameLimit(selection)
}

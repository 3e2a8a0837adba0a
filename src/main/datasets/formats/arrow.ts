import { arrowCodec } from '../codecs/arrow-codec'
import { writeArrow } from '../export/arrow-writer'
import type { FormatDefinition } from './format'
import { splitLimit, tidyNameLimit } from './limits'
import { table } from './table'

export const arrow: FormatDefinition = {
  text: 'Arrow (Feather): one row an example, its label in a column',
  endings: ['arrow', 'feather', 'ipc'],
  codec: arrowCodec,
  write: writeArrow,
  fileName: /\.(arrow|feather|ipc)$/i,
  limit: (selection, splits) =>
    splitLimit(selection, 'arrow', splits) ??
    table.limit(selection, []) ??
    tidyNameLimit(selection, 'arrow', table.nameReader!(selection.classNames)),
  nameReader: table.nameReader
}

import { badInput, type Failure } from '../../../shared/domain/failure'
import { svhnCodec } from '../codecs/svhn-codec'
import type { ExampleSelection } from '../example-selection'
import { writeSvhn } from '../export/svhn-writer'
import type { FormatDefinition } from './format'
import { byteClassLimit, byteLimit, lineNameLimit, splitLimit } from './limits'

export const svhn: FormatDefinition = {
  text: 'MATLAB (.mat): the files of SVHN',
  endings: ['mat'],
  codec: svhnCodec,
  write: writeSvhn,
  limit: (selection, splits) =>
    shapeLimit(selection) ??
    byteClassLimit(selection, 'SVHN') ??
    byteLimit(selection, 'svhn') ??
    splitLimit(selection, 'svhn', splits) ??
    lineNameLimit(selection)
}

function shapeLimit({ shape }: ExampleSelection): Failure | undefined {
  if (shape.length === 3) return undefined
  return badInput(`SVHN holds images, not examples of ${shape.join(' x ')}.`, 'Export as table instead.')
}

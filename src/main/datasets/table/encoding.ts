import type { DatasetMeta, ExampleShape } from '../../../shared/domain/dataset'
import { badInput } from '../../../shared/domain/failure'
import { encodingOf, featureNamesOf, type TableRepresentation } from '../../../shared/domain/table-columns'
import type { SelectionPart } from '../selection-part'

/** How the examples of a selection are encoded. */
export interface Encoding {
  readonly shape: ExampleShape
  /** Of tables whose columns are known. */
  readonly representation: TableRepresentation | undefined
  /** Of the features. */
  readonly names: readonly string[] | undefined
  /** Whose it is. */
  readonly owner: string
}

/** How the rows of a dataset became features; undefined where it is no table, or names no columns. */
export function representationOf({
  format,
  representation,
  columns
}: DatasetMeta): TableRepresentation | undefined {
  if (representation) return representation
  if (!['table', 'arrow'].includes(format) || !columns) return undefined
  return { version: 1, columns: columns.map((name) => ({ name, role: 'number' })) }
}

/** How a part's own import encoded it. */
export function ownEncoding({ meta, part }: SelectionPart): Encoding {
  const representation = representationOf(meta)
  return {
    shape: meta.shape,
    representation,
    names: meta.columns ?? representation?.columns.flatMap(featureNamesOf),
    owner: part?.source ?? meta.name
  }
}

/**
 * The encoding of joined parts: that of the part with most rows.
 * @throws Failure bad-input naming two whose examples differ in shape
 */
export function commonEncoding(parts: readonly SelectionPart[]): Encoding {
  let largest = parts[0]
  for (const part of parts) if (largest && part.to - part.from > largest.to - largest.from) largest = part
  if (!largest) return { shape: [1], representation: undefined, names: undefined, owner: '' }
  const common = ownEncoding(largest)
  for (const part of parts) {
    const own = ownEncoding(part)
    if ((own.representation && common.representation) || own.shape.join() === common.shape.join()) continue
    throw badInput(
      `${own.owner} has examples of ${own.shape.join(' x ')}, but ${common.owner} of ${common.shape.join(' x ')}.`,
      'Join only data with examples of one size; images can be resized with --image-size.'
    )
  }
  return common
}

/** Whether examples have the same features in one encoding as in another. */
export function isEncodedAs(now: Encoding, wanted: Encoding): boolean {
  if (now === wanted || !now.representation || !wanted.representation) return true
  return isSame(now.representation, wanted.representation)
}

function isSame(one: TableRepresentation, other: TableRepresentation): boolean {
  return one === other || JSON.stringify(encodingOf(one)) === JSON.stringify(encodingOf(other))
}

import { badInput } from './failure'

/** One part of a reference: a source, optionally one of its splits, optionally a half-open range in it. */
export interface ReferencePart {
  readonly source: string
  readonly split?: string
  readonly from?: number
  readonly to?: number
}

const RANGE = /\[([^[\]]*)\]$/

/**
 * Parse `<source>#<split>[<from>:<to>]`, several joined with `+` (docs: "Naming data").
 * A missing bound means the beginning or the end: `train[5000:]`.
 * @throws Failure bad-input that quotes the part
 */
export function parseReference(text: string): ReferencePart[] {
  const parts = text.split('+').map((part) => part.trim())
  if (parts.some((part) => part === '')) {
    throw badInput(
      `"${text}" names no data between the plus signs.`,
      'Write <source>#<split>[<from>:<to>], joined with "+".'
    )
  }
  return parts.map(parsePart)
}

function parsePart(part: string): ReferencePart {
  let rest = part
  let from: number | undefined
  let to: number | undefined
  const range = RANGE.exec(rest)
  if (range) {
    const bounds = /^(\d*):(\d*)$/.exec(range[1] ?? '')
    if (!bounds) throw badInput(`"${part}" has no valid range.`, 'Write a half-open range such as [0:5000].')
    from = bounds[1] ? Number(bounds[1]) : undefined
    to = bounds[2] ? Number(bounds[2]) : undefined
    rest = rest.slice(0, range.index)
    if (from !== undefined && to !== undefined && from >= to) {
      throw badInput(`"${part}" is an empty range.`, 'The first bound must be smaller than the second.')
    }
  }
  const hash = rest.lastIndexOf('#')
  const source = hash < 0 ? rest : rest.slice(0, hash)
  const split = hash < 0 ? undefined : rest.slice(hash + 1)
  if (source === '')
    throw badInput(`"${part}" names no source.`, 'Put a path or the name of a dataset before "#".')
  if (split === '')
    throw badInput(
      `"${part}" names no split after "#".`,
      'Write for example #train or #test, or leave "#" out for all of it.'
    )
  return { source, split, from, to }
}

/** The inverse of {@link parseReference}. */
export function formatReference(parts: readonly ReferencePart[]): string {
  return parts
    .map(({ source, split, from, to }) => {
      const range = from === undefined && to === undefined ? '' : `[${from ?? ''}:${to ?? ''}]`
      return `${source}${split ? `#${split}` : ''}${range}`
    })
    .join('+')
}

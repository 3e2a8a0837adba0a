/** Rows as a short text: [0, 1, 2, 7, 5] -> "0-2,7,5". */
export function rangesOf(rows: Iterable<number>): string {
  const ranges: string[] = []
  let from = -1
  let to = -1
  const end = (): void => {
    if (from >= 0) ranges.push(from === to ? `${from}` : `${from}-${to}`)
  }
  for (const row of rows) {
    if (from >= 0 && row === to + 1) {
      to = row
      continue
    }
    end()
    from = to = row
  }
  end()
  return ranges.join(',')
}

/**
 * The rows that such a text names, in its order; undefined where it is none.
 * @param most rows at most: more are no such text
 */
export function rowsOfRanges(text: string, most: number): number[] | undefined {
  const rows: number[] = []
  if (text === '') return rows
  for (const range of text.split(',')) {
    const [, first, last] = /^(\d{1,10})(?:-(\d{1,10}))?$/.exec(range) ?? []
    if (first === undefined) return undefined
    const from = Number(first)
    const to = last === undefined ? from : Number(last)
    if (to < from || rows.length + to - from >= most) return undefined
    for (let row = from; row <= to; row++) rows.push(row)
  }
  return rows
}

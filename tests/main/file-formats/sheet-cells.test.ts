import { describe, expect, it } from 'vitest'
import { fromSheetCell, sheetCell } from '@main/file-formats/csv-writer'

describe('cells of a sheet for people', () => {
  it.each([
    ['=cmd()', "'=cmd()"],
    ['+x', "'+x"],
    ['@x', "'@x"],
    ['\tx', "'\tx"],
    ["'=x", "''=x"],
    ['-1.5', '-1.5'],
    ['cat', 'cat'],
    ["'cat", "'cat"]
  ])('%s', (text, cell) => {
    expect(sheetCell(text)).toBe(cell)
    expect(fromSheetCell(cell)).toBe(text)
  })
})

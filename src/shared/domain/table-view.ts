import * as z from 'zod'
import { columnRole } from './table-columns'

/** A column of a table as its head shows it. */
export const tableHead = z.object({
  name: z.string(),
  role: columnRole,
  /** Whether anything is learned from it. */
  isFeature: z.boolean(),
  /** Rows that were looked at: all of them, or evenly spaced ones of a very large table. */
  rows: z.int().nonnegative(),
  empty: z.int().nonnegative(),
  /** Of numbers and dates (days since 1970): the ends of the axis and how many lie in each of equal parts of it. */
  numbers: z.object({ low: z.number(), high: z.number(), bars: z.array(z.int()) }).nullable(),
  /** Of categories: how many there are, and the most frequent ones. */
  levels: z
    .object({ count: z.int(), most: z.array(z.object({ text: z.string(), count: z.int() })) })
    .nullable()
})
export type TableHead = z.infer<typeof tableHead>

/** One cell beside the cells of a class. */
export const cellInClass = z.object({
  /** Probability of a cell at least as unusual among the class's rows, 0..1. */
  rarity: z.number(),
  /** Of the class's rows: the share with this very value, or empty as this one is. */
  share: z.number(),
  /** Of numbers: the share that is lower, and 5 %, 50 % and 95 % of the class. */
  numbers: z.object({ lower: z.number(), low: z.number(), median: z.number(), high: z.number() }).nullable()
})
export type CellInClass = z.infer<typeof cellInClass>

/** A cell of the row in question, with how usual it is. */
export const judgedCell = z.object({
  name: z.string(),
  text: z.string(),
  role: columnRole,
  isFeature: z.boolean(),
  /** Among the rows of the given class, and of the suggested one; null for texts, identifiers and the like. */
  given: cellInClass.nullable(),
  suggested: cellInClass.nullable()
})
export type JudgedCell = z.infer<typeof judgedCell>

/** A word of a text that sets two classes apart: the share of the texts of each that hold it, 0..1. */
export const tellingWord = z.object({ word: z.string(), given: z.number(), suggested: z.number() })
export type TellingWord = z.infer<typeof tellingWord>

import { badInput } from '../../shared/domain/failure'
import { readHead } from '../file-formats/byte-reader'
import { csvRecords } from '../file-formats/csv-reader'
import { readLabelArray, readNameArray } from './codecs/array-labels'
import { openNpyFolder, openNpz } from './codecs/array-source'
import { isIdxFile } from './codecs/idx-files'
import { readIdxLabels } from './codecs/idx-header'
import { LabelCoder, type LabelArray } from './codecs/label-array'
import { lookAt } from './codecs/source-look'
import { spelling, tidyName } from './codecs/table-labels'
import { guessedSeparator, textHead } from './codecs/table-layout'

const ARRAYS = ['true_y', 'y_true', 'true_labels', 'y', 'labels']
const COLUMNS = ['true_label', 'true_labels', 'y_true', 'true_y', 'truth', 'label', 'y']
const NUMERAL = /^[+-]?\d+$/

/** Labels of a truth file, in its own words or numbers, and where each stands. */
interface FoundLabels {
  readonly labels: LabelArray
  readonly place: (row: number) => string
  /** Names of the numbers, where the file itself tells them. */
  readonly names?: readonly string[]
}

/**
 * Read a file of true labels (--truth): NPY, NPZ (true_y or y), IDX labels, or a table or plain list with one label a
 * line. Texts are class names. Numbers are names where the classes are numbers, as the labels of the data themselves
 * are written; else class indices from 0.
 * @throws Failure bad-input naming the file and the label
 */
export async function readTrueLabels(
  name: string,
  classNames: readonly string[],
  encoding?: string
): Promise<Int32Array> {
  const look = await lookAt(name)
  if (look.kind === 'folder') throw badInput(`${name} is a folder.`, 'Name a file of true labels.')
  const { labels, place, names } = await readAny(look, classNames, encoding)
  const { codes, texts } = labels
  const placeOf = (text: number): string => place(codes.indexOf(text))
  const said = names && labels.areNumbers ? texts.map((text) => names[Number(text)] ?? text) : texts
  const isNumbered = labels.areNumbers && !names && !classNames.some((className) => NUMERAL.test(className))
  const classes = isNumbered ? byIndex(said, classNames, placeOf) : byName(said, classNames, placeOf)
  return codes.map((code) => classes[code]!)
}

/**
 * A list from which the last class is absent may be numbered from 1 and hold no number that is too large: read from 0 every
 * label would be the class before. Most labels that are given are right, so the given ones tell.
 * @param given labels of the same examples, as the data have them
 * @throws Failure bad-input where true labels one lower agree with more of them
 */
export function refuseNumberedFromOne(file: string, truth: Int32Array, given: Int32Array): void {
  if (truth.includes(0)) return
  const agreeing = (shift: number): number =>
    given.reduce((sum, label, row) => sum + Number(truth[row]! - shift === label), 0)
  const [asRead, oneLower] = [agreeing(0), agreeing(1)]
  if (oneLower <= asRead) return
  throw badInput(
    `The true labels in ${file} seem to be numbered from 1: read from 0, ${asRead} of ${given.length} agree with the given labels, one lower ${oneLower}.`,
    'Number the classes from 0, or use their names.'
  )
}

function byName(
  texts: readonly string[],
  classNames: readonly string[],
  place: (text: number) => string
): number[] {
  const known = new Map(classNames.map((className, i) => [className, i]))
  const tidied = texts.map(tidyName)
  const spell = spelling(tidied)
  const numbers = numberedClasses(classNames)
  if (!numbers && tidied.every((text) => NUMERAL.test(text) && !known.has(text))) {
    return byIndex(tidied, classNames, place)
  }
  return tidied.map((text, i) => {
    const spelled = spell(text)
    const byNumber = NUMERAL.test(spelled) ? numbers?.get(Number(spelled)) : undefined
    const found = known.get(texts[i]!) ?? known.get(text) ?? known.get(spelled) ?? byNumber
    if (found !== undefined) return found
    throw badInput(
      text === ''
        ? `${place(i)}: the true label is empty.`
        : `${place(i)}: the true label is "${text}", which is no class of the data (${someOf(classNames)}).`,
      'Write true labels as the labels of the data are written.'
    )
  })
}

/** Classes by the numbers that all their names are, where no two are the same number. */
function numberedClasses(classNames: readonly string[]): Map<number, number> | undefined {
  if (!classNames.every((className) => NUMERAL.test(className))) return undefined
  const numbers = new Map(classNames.map((className, i) => [Number(className), i]))
  // 007 and 7 are two classes: their names have to be exact.
  return numbers.size === classNames.length ? numbers : new Map()
}

function byIndex(
  texts: readonly string[],
  classNames: readonly string[],
  place: (text: number) => string
): number[] {
  return texts.map((text, i) => {
    const index = Number(text)
    if (index >= 0 && index < classNames.length) return index
    throw badInput(
      `${place(i)}: the true label is ${text}, but there are ${classNames.length} classes, numbered from 0 (${someOf(classNames)}).`,
      index === classNames.length
        ? 'Number the classes from 0, not from 1, or use their names.'
        : 'Use the names of the classes, or number them from 0.'
    )
  })
}

function someOf(classNames: readonly string[]): string {
  return classNames.length > 8 ? `${classNames.slice(0, 8).join(', ')}, ...` : classNames.join(', ')
}

async function readAny(
  look: Awaited<ReturnType<typeof lookAt>>,
  classNames: readonly string[],
  encoding: string | undefined
): Promise<FoundLabels> {
  const { head, name } = look
  const place = (row: number): string => `${name}, row ${row + 1}`
  if (head.subarray(0, 6).equals(Buffer.from('\x93NUMPY', 'latin1'))) {
    return { labels: await readLabelArray(await openNpyFolder(look), 'x'), place }
  }
  if (head.subarray(0, 2).toString('latin1') === 'PK') {
    const source = await openNpz(look)
    try {
      const array = ARRAYS.find((candidate) => source.names.includes(candidate))
      if (array === undefined) throw badInput(`${name} has no array true_y.`, 'Save true_y into it.')
      const names = source.names.includes('class_names')
        ? await readNameArray(source, 'class_names')
        : undefined
      return { labels: await readLabelArray(source, array), place, names }
    } finally {
      await source.close()
    }
  }
  if (await isIdxFile(look.path)) return { labels: await readIdxLabels(look.path, name), place }
  return readColumn(look.path, name, classNames, encoding)
}

async function readColumn(
  file: string,
  name: string,
  classNames: readonly string[],
  encoding: string | undefined
): Promise<FoundLabels> {
  if ((await readHead(file, 4)).toString('latin1') === 'PAR1') {
    throw badInput(
      `${name} is a Parquet file, which is not read for true labels.`,
      'Use NPY, NPZ, IDX or CSV.'
    )
  }
  const delimiter = guessedSeparator(file, await textHead({ file, path: file, name }, encoding))
  const names: string[] = []
  const lines: number[] = []
  let column: number | undefined
  for await (const { fields, line } of csvRecords(file, name, delimiter, { encoding })) {
    const row = fields.map((text) => text.trim())
    if (column === undefined) {
      const named = COLUMNS.map((candidate) => row.indexOf(candidate)).find((i) => i >= 0)
      if (named === undefined && row.length > 1) {
        throw badInput(`${name} has no column true_label.`, 'Call the column of true labels true_label.')
      }
      column = named ?? 0
      // In a list alone, a class may be called as the column would be.
      if (named !== undefined && (row.length > 1 || !classNames.includes(row[named]!))) continue
    }
    names.push(row[column] ?? '')
    lines.push(line)
  }
  const coder = new LabelCoder(name, names.length, false)
  for (const text of names) coder.add(text)
  return { labels: coder.finish(), place: (row) => `${name}, line ${lines[row]}` }
}

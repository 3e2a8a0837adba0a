import { readFileSync } from 'node:fs'
import path from 'node:path'
import { badInput } from '../../shared/domain/failure'
import { csvRecords, guessDelimiter } from './bytes/csv-reader'
import { areNumbers } from './class-names'
import { readLabelArray } from './codecs/array-labels'
import { openNpyFolder, openNpz } from './codecs/array-source'
import { isIdxFile } from './codecs/idx-files'
import { readIdxLabels } from './codecs/idx-header'
import { LabelCoder, type LabelArray } from './codecs/label-array'
import { lookAt } from './codecs/source-look'

const ARRAYS = ['true_y', 'y_true', 'true_labels', 'y', 'labels']
const COLUMNS = ['true_label', 'label', 'y']

/**
 * Read a file of true labels (--truth): NPY, NPZ (true_y or y), IDX labels, or a table or plain list with
 * one label a line. Texts are class names, numbers class indices, unless a class has that number as its name.
 * @throws Failure bad-input naming the file
 */
export async function readTrueLabels(name: string, classNames: readonly string[]): Promise<Int32Array> {
  const look = await lookAt(name)
  if (look.kind === 'folder') throw badInput(`${name} is a folder.`, 'Name a file of true labels.')
  const { codes, texts } = await readAny(look)
  const index = new Map(classNames.map((className, i) => [className, i]))
  // Numbers are classes by name where any class is called so, else places in the list of classes.
  const byPlace = areNumbers(texts) && !texts.some((text) => index.has(text)) && !areNumbers(classNames)
  const places = texts.map((text) => {
    const found = byPlace && Number(text) < classNames.length ? Number(text) : index.get(text)
    if (found !== undefined) return found
    const row = codes.indexOf(texts.indexOf(text))
    throw badInput(
      `${name}: true label ${row} is "${text}", which is no class of the data.`,
      byPlace ? 'Use the classes of the data, numbered from 0.' : 'Use the class names of the data.'
    )
  })
  return codes.map((code) => places[code]!)
}

async function readAny(look: Awaited<ReturnType<typeof lookAt>>): Promise<LabelArray> {
  const { head, name } = look
  if (head.subarray(0, 6).equals(Buffer.from('\x93NUMPY', 'latin1'))) {
    return readLabelArray(await openNpyFolder(look), 'x')
  }
  if (head.subarray(0, 2).toString('latin1') === 'PK') {
    const source = await openNpz(look)
    try {
      const array = ARRAYS.find((candidate) => source.names.includes(candidate))
      if (array === undefined) throw badInput(`${name} has no array true_y.`, 'Save true_y into it.')
      return await readLabelArray(source, array)
    } finally {
      await source.close()
    }
  }
  if (await isIdxFile(look.path)) return readIdxLabels(look.path, name)
  const column = await readColumn(look.path, name)
  const coder = new LabelCoder(name, column.length, false)
  for (const text of column) coder.add(text)
  return coder.finish()
}

async function readColumn(file: string, name: string): Promise<string[]> {
  const head = readFileSync(file).subarray(0, 65536)
  if (head.includes(0)) {
    throw badInput(`${name} holds no true labels that can be read.`, 'Use NPY, NPZ, IDX or CSV.')
  }
  const delimiter = /\.tsv$/i.test(path.basename(file)) ? '\t' : guessDelimiter(head.toString('utf8'))
  const texts: string[] = []
  let column: number | undefined
  for await (const { fields } of csvRecords(file, name, delimiter)) {
    const row = fields.map((text) => text.trim())
    if (column === undefined) {
      const named = COLUMNS.map((candidate) => row.indexOf(candidate)).find((i) => i >= 0)
      if (named === undefined && row.length > 1) {
        throw badInput(`${name} has no column true_label.`, 'Call the column of true labels true_label.')
      }
      column = named ?? 0
      if (named !== undefined) continue
    }
    texts.push(row[column] ?? '')
  }
  return texts
}

import { readFile, stat } from 'node:fs/promises'
import { isAlias, isMap, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml'
import { badInput } from '../../../shared/domain/failure'

/** A spec with all decisions of a large review has a few. */
const MOST_BYTES = 32 << 20
const MOST_ALIASES = 100

/** A spec file as values, and where each key stands. */
export interface SpecFile {
  readonly values: Readonly<Record<string, unknown>>
  /** A key as a sentence names it: the file, the line, the key. */
  nameOf(key: string): string
}

/**
 * Read a YAML mapping that somebody else may have written: nothing in it makes the reader stand still or grow.
 * @throws Failure bad-input that names the file and the line
 */
export async function readSpecFile(file: string): Promise<SpecFile> {
  const lines = new LineCounter()
  const document = parsed(await readText(file), file, lines)
  const placeOf = (offset: number): string => `${file}, line ${lines.linePos(offset).line}`
  const [problem] = [...document.errors, ...document.warnings]
  if (problem) {
    const [reason = ''] = problem.message.split('\n')
    throw badInput(
      `${placeOf(problem.pos[0])} is not valid YAML: ${reason.slice(0, 200)}`,
      'Correct that line.'
    )
  }
  refuseAliases(document, placeOf)
  const values = toValues(document, file)
  return { values, nameOf: (key) => `${placeOfKey(document, key, placeOf) ?? file}: ${key.slice(0, 100)}` }
}

async function readText(file: string): Promise<string> {
  let bytes: Buffer
  try {
    const stats = await stat(file)
    if (!stats.isFile()) throw badInput(`${file} is no file.`, 'Name a spec.yaml.')
    if (stats.size > MOST_BYTES) throw badInput(`${file} is too large for a spec.`, 'Name a spec.yaml.')
    bytes = await readFile(file)
  } catch (error) {
    throw badInput(`${file.replaceAll('\0', '')} cannot be read.`, 'Name a spec.yaml.', error)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw badInput(`${file} is no UTF-8 text.`, 'Save it as UTF-8.', error)
  }
}

function parsed(text: string, file: string, lineCounter: LineCounter): Document {
  const nul = text.indexOf('\0')
  if (nul >= 0) {
    const line = text.slice(0, nul).split('\n').length
    throw badInput(`${file}, line ${line} holds a null character.`, 'Remove it.')
  }
  try {
    return parseDocument(text, { lineCounter, prettyErrors: false })
  } catch (error) {
    // The parser calls itself for each level.
    if (error instanceof RangeError)
      throw badInput(`${file} is nested too deeply.`, 'Name a spec.yaml.', error)
    throw error
  }
}

/** Aliases of lists multiply what they stand for, and may hold themselves. */
function refuseAliases(document: Document, placeOf: (offset: number) => string): void {
  let count = 0
  visit(document, {
    Alias: (_, alias) => {
      count++
      if (count <= MOST_ALIASES && isScalar(alias.resolve(document))) return
      throw badInput(
        `${placeOf(alias.range?.[0] ?? 0)} uses the alias *${alias.source.slice(0, 40)} for more than one value.`,
        'Write the values out.'
      )
    }
  })
}

function toValues(document: Document, file: string): Record<string, unknown> {
  const values: unknown = isMap(document.contents) || isAlias(document.contents) ? document.toJS() : undefined
  if (typeof values === 'object' && values !== null) return values as Record<string, unknown>
  throw badInput(
    `${file} holds no spec.`,
    'A spec is a mapping with a key "task"; see any spec.yaml of a run.'
  )
}

function placeOfKey(
  { contents }: Document,
  key: string,
  placeOf: (offset: number) => string
): string | undefined {
  if (!isMap(contents)) return undefined
  for (const { key: node } of contents.items) {
    if (isScalar(node) && String(node.value) === key && node.range) return placeOf(node.range[0])
  }
  return undefined
}

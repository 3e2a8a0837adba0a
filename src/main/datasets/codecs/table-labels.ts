import { badInput } from '../../../shared/domain/failure'
import { oneSpelling, similarWarnings, sortedClassNames } from '../class-names'
import { isMissingLabel, isNumber } from './table-cells'

/** What to do about a label that is missing. */
export const EMPTY_LABEL = 'Fill it in, remove the row, or leave out such rows with --skip-unlabelled.'

const BOOLEAN = /^(true|false)$/i
const INTEGER_AS_FLOAT = /^[+-]?\d+\.0*$/

/** One spelling of a name: blanks around it do not count, and accents are one letter. */
export function tidyName(text: string): string {
  return oneSpelling(text.trim())
}

/**
 * How labels of one column are spelled, decided by all of them: numbers with only zeros after the point are whole, as
 * pandas means them when a column has gaps ("3.0" is "3"); true and false of any case are True and False. Everything
 * else, "007" too, is the text that stands there.
 */
export function spelling(texts: Iterable<string>): (text: string) => string {
  const all = [...texts]
  if (all.length > 0 && all.every((text) => BOOLEAN.test(text))) {
    return (text) =>
      text.toLowerCase() === 'true' ? 'True' : text.toLowerCase() === 'false' ? 'False' : text
  }
  if (
    all.some((text) => INTEGER_AS_FLOAT.test(text)) &&
    all.every((text) => isNumber(text) || isMissingLabel(text))
  ) {
    return (text) => (INTEGER_AS_FLOAT.test(text) ? text.replace(/\.0*$/, '') : text)
  }
  return (text) => text
}

/** Numbers the spellings of labels as they are met, and finds the classes at the end. */
export class LabelIndex {
  readonly #indices = new Map<string, number>()
  readonly #places: (() => string)[] = []

  /** @param place where it stands, for messages */
  of(text: string, place: () => string): number {
    const known = this.#indices.get(text)
    if (known !== undefined) return known
    // A copy: the engine would keep all of the chunk that the text was cut from.
    this.#indices.set(Buffer.from(text).toString(), this.#indices.size)
    this.#places.push(place)
    return this.#indices.size - 1
  }

  get size(): number {
    return this.#indices.size
  }

  /**
   * Classes in their usual order, for each spelling its class, and what to tell of them.
   * @param given names of the classes 0, 1, ..., where the file tells them
   * @throws Failure bad-input when a label is missing or beyond the names given
   */
  classes(given?: readonly string[]): { names: string[]; order: number[]; warnings: string[] } {
    const raws = [...this.#indices.keys()]
    const tidied = raws.map(tidyName)
    this.#checkMissing(tidied)
    if (given) {
      return {
        names: [...given],
        order: tidied.map((text, i) => this.#numbered(text, i, given)),
        warnings: []
      }
    }
    const spell = spelling(tidied)
    const spelled = tidied.map(spell)
    const names = sortedClassNames(spelled)
    const place = new Map(names.map((name, i) => [name, i]))
    return { names, order: spelled.map((name) => place.get(name)!), warnings: warningsOf(raws, spelled) }
  }

  /** Among numbers, NaN and the like are labels that are missing. */
  #checkMissing(names: readonly string[]): void {
    const missing = names.findIndex(isMissingLabel)
    if (missing < 0 || names.length < 2) return
    if (names.every((name) => isMissingLabel(name) || isNumber(name))) {
      throw badInput(`${this.#places[missing]!()}: the label is missing ("${names[missing]}").`, EMPTY_LABEL)
    }
  }

  #numbered(text: string, index: number, given: readonly string[]): number {
    const number = /^\d{1,9}(\.0*)?$/.test(text) ? Number(text) : -1
    if (number >= 0 && number < given.length) return number
    const named = given.indexOf(text)
    if (named >= 0) return named
    throw badInput(
      `${this.#places[index]!()}: the label is ${text}, but the file names the classes 0 to ${given.length - 1}.`,
      text.startsWith('-') ? 'Leave out the rows without a label.' : 'Correct the label or the names.'
    )
  }
}

function warningsOf(raws: readonly string[], spelled: readonly string[]): string[] {
  const warnings: string[] = []
  const spellings = new Map<string, string[]>()
  spelled.forEach((name, i) => gather(spellings, name, raws[i]!))
  for (const [name, several] of spellings) {
    if (several.length < 2) continue
    warnings.push(`The labels ${quoted(several)} are one class, "${name}".`)
  }
  const names = [...spellings.keys()]
  const missing = names.filter(isMissingLabel)
  if (missing.length > 0) {
    warnings.push(
      `${quoted(missing)} ${missing.length > 1 ? 'are classes' : 'is a class'} here; if it stands for a missing label, leave its rows out with --skip-unlabelled.`
    )
  }
  return [...warnings.slice(0, 8), ...similarWarnings(names)]
}

function gather(groups: Map<string, string[]>, key: string, member: string): void {
  const group = groups.get(key)
  if (group) group.push(member)
  else groups.set(key, [member])
}

function quoted(texts: readonly string[]): string {
  const shown = texts.slice(0, 5).map((text) => `"${text}"`)
  return texts.length > shown.length ? `${shown.join(', ')}, ...` : shown.join(' and ')
}

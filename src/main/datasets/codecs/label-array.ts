import { badInput } from '../../../shared/domain/failure'
import { sortedClassNames } from '../class-names'

/** Labels as a file has them: for each example the place of its class among the classes that occur. */
export interface LabelArray {
  readonly codes: Int32Array
  /** Classes in the order in which they occur: names, or numbers as texts. */
  readonly texts: readonly string[]
  /** Whether the file holds numbers, so that a list of class names counts by them. */
  readonly areNumbers: boolean
}

/** More examples than this are not trained on by this product; every list of labels is bounded by it. */
const MOST_EXAMPLES = 1 << 26
const MOST_CLASSES = 100_000
const LONGEST_NAME = 1000

/** Collects labels one by one; what it holds grows with the classes that occur, never with their numbers. */
export class LabelCoder {
  readonly #codes: Int32Array
  readonly #places = new Map<string | number | bigint, number>()
  readonly #texts: string[] = []
  #count = 0

  constructor(
    /** Names the file and array. */
    private readonly name: string,
    count: number,
    private readonly areNumbers: boolean
  ) {
    if (count > MOST_EXAMPLES) {
      throw badInput(
        `${name} claims ${count} labels, more than can be trained on.`,
        `Take ${MOST_EXAMPLES} examples at most.`
      )
    }
    this.#codes = new Int32Array(count)
  }

  /** @throws Failure bad-input that names the row of what is no class */
  add(label: string | number | bigint): void {
    const row = this.#count
    if (typeof label === 'number' && !Number.isInteger(label)) {
      throw badInput(
        `${this.name}: label ${row} is ${label}, which is no class number.`,
        'Save classes as integers or texts; measurements cannot be labels.'
      )
    }
    if (typeof label !== 'string' && label < 0) {
      throw badInput(
        `${this.name}: label ${row} is ${label}: a class number is 0 or more.`,
        'Number the classes from 0, or leave out examples without a label.'
      )
    }
    const key = typeof label === 'bigint' && label <= Number.MAX_SAFE_INTEGER ? Number(label) : label
    let code = this.#places.get(key)
    if (code === undefined) {
      code = this.#texts.length
      this.#places.set(key, code)
      this.#texts.push(this.#checked(typeof key === 'number' ? BigInt(key).toString() : String(key), row))
    }
    this.#codes[row] = code
    this.#count = row + 1
  }

  #checked(text: string, row: number): string {
    if (this.#texts.length >= MOST_CLASSES) {
      throw badInput(
        `${this.name} holds more than ${MOST_CLASSES} different labels, which cannot be classes.`,
        'Save one class for each example, not a measurement or a number of its own.'
      )
    }
    if (text.length > LONGEST_NAME) {
      throw badInput(
        `${this.name}: label ${row} has ${text.length} characters.`,
        `Give the classes shorter names (${LONGEST_NAME} characters at most).`
      )
    }
    return text
  }

  finish(): LabelArray {
    return { codes: this.#codes, texts: this.#texts, areNumbers: this.areNumbers }
  }
}

/** Labels of several files as indices into one list of classes. */
export interface IndexedLabels {
  readonly classNames: readonly string[]
  /** One list for each of the arrays, in their order. */
  readonly indices: readonly Int32Array[]
  /** Whether the classes are called by the numbers that the files hold, so that these are written again. */
  readonly numbered: boolean
}

/**
 * One list of classes for all: those given, else those that occur, numbers by value.
 * @param name of the source
 * @throws Failure bad-input when a label has no name among those given
 */
export function indexLabels(
  arrays: readonly LabelArray[],
  given: readonly string[] | undefined,
  name: string
): IndexedLabels {
  const numbered = given === undefined && arrays.every(({ areNumbers }) => areNumbers)
  const classNames = given ?? sortedClassNames(new Set(arrays.flatMap(({ texts }) => texts)))
  if (given) requireDifferent(given, name)
  const places = new Map(classNames.map((className, i) => [className, i]))
  const indices = arrays.map(({ codes, texts, areNumbers }) => {
    const byNumber = given !== undefined && areNumbers
    const map = Int32Array.from(texts, (text) =>
      byNumber ? numberedClass(Number(text), given, name) : namedClass(text, places, name)
    )
    return codes.map((code) => map[code]!)
  })
  return { classNames, indices, numbered }
}

function numberedClass(label: number, given: readonly string[], name: string): number {
  if (label < given.length) return label
  throw badInput(
    `${name} names ${given.length} classes, but a label is ${label}.`,
    'Give one name for each class, beginning with class 0.'
  )
}

function namedClass(text: string, places: ReadonlyMap<string, number>, name: string): number {
  const place = places.get(text)
  if (place !== undefined) return place
  throw badInput(
    `${name} has the label "${text}", which is not among its class names.`,
    'Add the class to the names.'
  )
}

/** Two classes of one name would be one from then on. @throws Failure bad-input */
export function requireDifferent(names: readonly string[], file: string): void {
  const seen = new Map<string, number>()
  names.forEach((className, i) => {
    const before = seen.get(className)
    if (before !== undefined) {
      throw badInput(
        `${file} gives the classes ${before} and ${i} one name, "${className}".`,
        'Give each class a name of its own.'
      )
    }
    seen.set(className, i)
  })
}

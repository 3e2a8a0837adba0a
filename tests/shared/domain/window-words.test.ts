import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { COMMAND_WORDS, FLAG_WORDS, inWindowWords, knownName } from '@shared/domain/window-words'

const ROOT = path.resolve(import.meta.dirname, '../../..')
const WORKSPACE = '/home/a b/workspace'
const UPLOAD = `${WORKSPACE}/uploads/0a1b2c3d-0000-4000-8000-1234567890ab`

/** Arguments of processes that the workbench starts, not words for a person. */
const PROCESS_ARGUMENTS = new Set(['--import', '--config', '--outDir', '--logLevel'])

/** Texts that are commands on purpose: the one to copy, and files for whoever has only the folder. */
const COMMAND_FILES = [
  'spec-command.ts',
  'write-poisons.ts',
  'window-words.ts',
  'report-page.ts',
  'report-style.ts'
]

const UNTRANSLATED = new RegExp(
  String.raw`(^|[\s("'])--[a-z]|bilevel (${['corrupt', 'datasets', 'demo', 'denoise', 'doctor', 'few-shot', 'hyperparameters', 'poison', 'run(?! starts)', 'runs', 'start', 'synthetic'].join('|')})\b|docs/`
)

/** What such a text has in the source too: files without it need no parsing. */
const MAY_HOLD = /--[a-z]|bilevel |docs\//

/** Every text of the sources that may reach the window; the command line's own shell never does. */
function textsOfSources(): { file: string; text: string }[] {
  const files = ['src/main', 'src/engine', 'src/shared'].flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => path.join(folder, name))
  )
  return files
    .filter(
      (file) => !file.includes(path.join('shells', 'cli')) && !COMMAND_FILES.includes(path.basename(file))
    )
    .flatMap((file) => {
      const source = readFileSync(path.join(ROOT, file), 'utf8')
      if (!MAY_HOLD.test(source)) return []
      return textsIn(ts.createSourceFile(file, source, ts.ScriptTarget.Latest)).map((text) => ({
        file,
        text
      }))
    })
}

/** What is said to Slurm, never to a person. */
const SLURM_COMMAND =
  /^(#!\/bin\/sh|cd 0 |mkdir -p 0 |sbatch |squeue |sacct |--(job-name|requeue|open-mode|output|signal|partition|gres|time)\b)/

/** String literals and templates, with "0" where a template takes a value. */
function textsIn(node: ts.Node): string[] {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return []
  // Only --help shows the examples of a task's command.
  if (ts.isPropertyAssignment(node) && ts.isIdentifier(node.name) && node.name.text === 'examples') return []
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return [node.text]
  const texts: string[] = []
  if (ts.isTemplateExpression(node)) {
    texts.push([node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('0'))
  }
  node.forEachChild((child) => void texts.push(...textsIn(child)))
  return texts
}

describe('sentences in the window', () => {
  test.each([
    ['Resize the images with --image-size.', 'Resize the images with "Image size".'],
    [
      '--train has the classes a, b; --trusted has c.',
      '"Training data" has the classes a, b; "Trusted examples" has c.'
    ],
    [
      'Take smaller learning rates (--lr-lower, --lr-upper) or a smaller --gamma.',
      'Take smaller learning rates ("Learning rate, lower", "Learning rate, upper") or a smaller "Gamma".'
    ],
    ['Make them square, or take --no-rotations.', 'Make them square, or take "Rotations" off.'],
    ['Keep at or below --epsilon-l2.', 'Keep at or below "Epsilon L2".'],
    ['See "bilevel runs list".', 'See the page "Runs".'],
    ['Say it. "bilevel doctor" tells more.', 'Say it. The page "This machine" tells more.'],
    [
      '"bilevel datasets export ... --without-poisons" writes it.',
      'The button "Export" of the dataset with "Leave them out" writes it.'
    ],
    [
      'Free some space, or start with a workspace on another disk (--workspace).',
      'Free some space, or start with a workspace on another disk.'
    ],
    [
      'Use npz, npy (docs/formats.md), or force one with --format.',
      'Use npz, npy, or force one with "Format".'
    ],
    ['The column "--image-size" is the label.', 'The column "--image-size" is the label.'],
    ['A dash -- as this one -- and a--b stay.', 'A dash -- as this one -- and a--b stay.'],
    [
      'These are no features: a. Say otherwise with --column name=role.',
      'These are no features: a. Say otherwise by its role under "Columns".'
    ],
    [
      'Leave it out: --column "zip code=ignore".',
      'Leave it out: "ignore" as the role of "zip code" under "Columns".'
    ]
  ])('%s', (sentence, words) => expect(inWindowWords(sentence)).toBe(words))

  test('an upload is named as the person knows it', () => {
    expect(inWindowWords(`${UPLOAD}/my photos.zip is damaged.`, WORKSPACE)).toBe('my photos.zip is damaged.')
    expect(inWindowWords(`In ${UPLOAD}/train/a.png: bad.`, WORKSPACE)).toBe('In train/a.png: bad.')
    expect(inWindowWords(`${UPLOAD} holds nothing.`, WORKSPACE)).toBe('the upload holds nothing.')
    // The workspace behind a link: the real folder has another name.
    expect(inWindowWords(`(/real${UPLOAD.replace('a b', 'ab')}/x.npz)`, WORKSPACE)).toBe('(x.npz)')
    expect(inWindowWords(`${WORKSPACE}/datasets/1 is gone.`, WORKSPACE)).toBe(
      `${WORKSPACE}/datasets/1 is gone.`
    )
    expect(knownName(`${UPLOAD}/photos.zip`)).toBe('photos.zip')
    expect(knownName(UPLOAD)).toBe('the upload')
    expect(knownName('/data/mnist')).toBe('/data/mnist')
  })

  test('every flag and command that a sentence names has words of the window', () => {
    const texts = textsOfSources()
    expect(texts.length).toBeGreaterThan(2000)
    const untranslated = texts.filter(
      ({ text }) =>
        !PROCESS_ARGUMENTS.has(text) && !SLURM_COMMAND.test(text) && UNTRANSLATED.test(inWindowWords(text))
    )
    expect(untranslated).toEqual([])
  })

  test('words are labels, never another flag', () => {
    for (const words of [...Object.values(FLAG_WORDS), ...Object.values(COMMAND_WORDS)]) {
      expect(words).not.toMatch(/--|bilevel/)
    }
  })
})

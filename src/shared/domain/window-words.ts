import { fieldTitle, ROLE_TITLES } from './field-titles'
import { flagOf } from './flags'
import { taskSpec } from './task-spec'

/**
 * Sentences name options as the command line spells them (`--image-size`) and commands in quotes
 * (`"bilevel runs list"`). The command line shows them as they are; the API says the same in the window's words.
 */

/** Fields of a spec by their flags, and switches that are on unless told otherwise. */
function specFlags(): Record<string, string> {
  const words: Record<string, string> = {}
  for (const { shape } of taskSpec.options) {
    for (const field of Object.keys(shape)) {
      if (field === 'task') continue
      const title = field in ROLE_TITLES ? ROLE_TITLES[field as keyof typeof ROLE_TITLES] : fieldTitle(field)
      words[`--${flagOf(field)}`] = `"${title}"`
      words[`--no-${flagOf(field)}`] = `"${title}" off`
    }
  }
  return words
}

/** Flag -> the label of its field in the window, quoted. Options of an import are those of a spec or stand here. */
export const FLAG_WORDS: Readonly<Record<string, string>> = {
  ...specFlags(),
  '--no-trusted': '"None: a first look"',
  '--name': '"Name in the workspace"',
  '--without-poisons': '"Leave them out"',
  '--set': '"Vary"',
  '--force': '"Remove all the same"'
}

/**
 * Options that the window has no field for, such as those of its own start. A sentence says what to do without them
 * and adds them in parentheses, which the window leaves out.
 */
export const OUTSIDE_FLAGS: readonly string[] = [
  '--out',
  '--noise',
  '--pattern',
  '--workspace',
  '--browser',
  '--host',
  '--port',
  '--folder',
  '--allow-host',
  '--upload-limit',
  '--yes',
  '--judged',
  '--verify'
]

/** Command -> the page or button that does the same; the longest that fits counts. */
export const COMMAND_WORDS: Readonly<Record<string, string>> = {
  'bilevel datasets list': 'the page "Datasets"',
  'bilevel datasets import': '"Import a dataset"',
  'bilevel datasets show': 'the page of the dataset',
  'bilevel datasets check': '"Look through all examples" on its page "Problems"',
  'bilevel datasets export': 'the button "Export" of the dataset',
  'bilevel extractors list': '"Extractors" on the page "This machine"',
  'bilevel extractors add': '"Add a folder" under "Extractors" on the page "This machine"',
  'bilevel extractors fetch': '"Fetch" under "Extractors" on the page "This machine"',
  'bilevel gpu install': 'the button under "NVIDIA card" on the page "This machine"',
  'bilevel bin list': 'the page "Bin"',
  'bilevel bin restore': '"Put back" on the page "Bin"',
  'bilevel runs list': 'the page "Runs"',
  'bilevel runs show': 'the page of the run',
  'bilevel runs ask': 'the list "The 20 most telling" of a review',
  'bilevel runs again': '"Run again with what I decided" of a review',
  'bilevel runs resume': 'the button "Resume" of the run',
  'bilevel places list': '"Places" on the page "This machine"',
  'bilevel places check': '"Check" under "Places" on the page "This machine"',
  'bilevel sweeps list': 'the page "Runs"',
  'bilevel run': 'the page "New run"',
  'bilevel doctor': 'the page "This machine"'
}

const UPLOAD_FOLDER = String.raw`[/\\]uploads[/\\][0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`
const UPLOAD = new RegExp(UPLOAD_FOLDER)
/** Where a folder's name is written otherwise than the workspace's, as behind a link: up to the last blank. */
const STRAY_UPLOAD = new RegExp(String.raw`(?<![^\s"'(])[^\s"'(]*${UPLOAD_FOLDER}([/\\]?)`, 'g')
const COMMANDS = Object.keys(COMMAND_WORDS).sort((a, b) => b.length - a.length)

/**
 * A sentence in the window's words: fields instead of flags, pages instead of commands, no document of the
 * repository, and an uploaded file by the name that the person knows.
 * @param workspace folder in which uploads lie
 */
export function inWindowWords(text: string, workspace?: string): string {
  const shown = workspace === undefined ? text : withoutUploads(text, workspace)
  if (!/--[a-z]|bilevel |docs\//.test(shown)) return shown
  return (
    shown
      .replace(
        /"(bilevel [^"\n]{1,300})"/g,
        (quoted: string, command: string) => commandWords(command) ?? quoted
      )
      .replace(/ \((--[a-z][a-z0-9-]*)\)/g, (all: string, flag: string) =>
        OUTSIDE_FLAGS.includes(flag) ? '' : all
      )
      // A column's role is chosen in a list, not written.
      .replace(/ with --column name=role/g, ' by its role under "Columns"')
      .replace(/--column "([^"=\n]{1,200})=([a-z]+)"/g, '"$2" as the role of "$1" under "Columns"')
      .replace(/ \(docs\/[a-z-]+\.md\)/g, '')
      .replace(/(^|[\s(])(--[a-z][a-z0-9-]*)/g, (all: string, before: string, flag: string) => {
        const words = FLAG_WORDS[flag]
        return words === undefined ? all : `${before}${words}`
      })
      .replace(/(^|[.!?] )the /g, (_, before: string) => `${before}The `)
  )
}

function commandWords(command: string): string | undefined {
  const known = COMMANDS.find((name) => command === name || command.startsWith(`${name} `))
  if (known === undefined) return undefined
  const switches = command.split(' ').flatMap((word) => FLAG_WORDS[word] ?? [])
  return `${COMMAND_WORDS[known]}${switches.length > 0 ? ` with ${switches.join(', ')}` : ''}`
}

function withoutUploads(text: string, workspace: string): string {
  const parts = text.split(workspace)
  const [first = '', ...rest] = parts
  const shown = rest.reduce((said, part) => {
    const match = UPLOAD.exec(part)
    if (match?.index !== 0) return said + workspace + part
    const after = part.slice(match[0].length)
    return /^[/\\]/.test(after) ? said + after.slice(1) : `${said}the upload${after}`
  }, first)
  return shown.replace(STRAY_UPLOAD, (_, inside: string) => (inside === '' ? 'the upload' : ''))
}

/** A source's path as the person knows it: of an upload the name of its file or folder. */
export function knownName(path: string): string {
  const parts = path.split(UPLOAD)
  const inside = parts.length > 1 ? (parts.at(-1) ?? '') : path
  return inside.replace(/^[/\\]/, parts.length > 1 ? '' : '$&') || 'the upload'
}

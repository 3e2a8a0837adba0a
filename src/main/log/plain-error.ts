import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Failure } from '../../shared/domain/failure'
import { productFolder } from '../files/product'

/** Errors of the language itself: their messages speak of the program's code, apart from what they quote. */
const OF_THE_LANGUAGE: readonly string[] = ['TypeError', 'RangeError', 'ReferenceError']
/** Anything from the first quote to the last: a property may be called what a column of the user's is. */
const QUOTED = /['"`‘“].*['"`’”]/s
/** Places kept of a stack. */
const MOST_FRAMES = 12

/**
 * An error without anything of the user's, for the log: its kind, its code, and where in the product it arose. Sentences
 * name files, columns and classes, so none is kept; nor is a place outside the product.
 */
export function plainError(error: unknown): string {
  if (!(error instanceof Error)) return `a thrown ${typeof error}`
  const own = [headOf(error), ...placesOf(error)].join('\n    at ')
  return error.cause instanceof Error && error.cause !== error
    ? `${own}\n  caused by ${plainError(error.cause)}`
    : own
}

function headOf(error: Error): string {
  const kind = word(error.name)
  if (error instanceof Failure) return `${kind} ${error.code}`
  const code = 'code' in error && typeof error.code === 'string' ? ` ${word(error.code)}` : ''
  const call = 'syscall' in error && typeof error.syscall === 'string' ? ` ${word(error.syscall)}` : ''
  const said = OF_THE_LANGUAGE.includes(error.name) ? `: ${error.message.replace(QUOTED, '(…)')}` : ''
  return `${kind}${code}${call}${said}`
}

/** Where a line of a stack says that it is. */
const PLACE = /^\s+at .*?\(?((?:file:\/\/|[A-Za-z]:[\\/]|\/)[^()]*):(\d+):(\d+)\)?$/

/** Files of the product, by their place in it. */
function placesOf({ stack = '', message }: Error): string[] {
  const product = productFolder()
  return (
    stack
      // A message may have lines that look like places.
      .replace(message, '')
      .split('\n')
      .flatMap((line) => {
        const [, file, row, column] = PLACE.exec(line) ?? []
        if (file === undefined) return []
        const inside = path.relative(product, file.startsWith('file:') ? fileURLToPath(file) : file)
        if (inside === '' || inside.startsWith('..') || path.isAbsolute(inside)) return []
        return [`${inside.split(path.sep).join('/')}:${row}:${column}`]
      })
      .slice(0, MOST_FRAMES)
  )
}

/** A name or code as programs have them; anything else could be a person's. */
export function word(text: string): string {
  return /^[\w.:+-]{1,60}$/.test(text) ? text : '(…)'
}

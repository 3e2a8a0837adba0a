// ESLint rule "rooms/borders": imports may cross only the borders that rooms.config.mjs allows.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { isBuiltin } from 'node:module'
import { RESERVED, ROOMS } from '../../rooms.config.mjs'

const ROOT = path.resolve(import.meta.dirname, '../..')
const ALIASES = {
  '@shared/': 'src/shared/',
  '@engine/': 'src/engine/',
  '@main/': 'src/main/',
  '@renderer/': 'src/renderer/',
  '@support/': 'tests/support/'
}

/** The room of a path relative to the project, or undefined outside every room. */
export function roomOf(relative) {
  return ROOMS.find(
    ({ pattern }) =>
      relative === pattern || relative.startsWith(`${pattern}/`) || relative.startsWith(`${pattern}.`)
  )
}

/** The folder of a room that a path is in, if it is in one. */
function folderOf({ pattern }, relative) {
  const [folder, ...rest] = relative.slice(pattern.length + 1).split('/')
  return rest.length > 0 ? folder : undefined
}

function matches(pattern, name) {
  return pattern.endsWith('/*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name
}

/** Why `file` may not import `specifier`, or undefined when it may. Both testable without ESLint. */
export function breach(file, specifier) {
  const relative = path.relative(ROOT, file).split(path.sep).join('/')
  const from = roomOf(relative)
  if (!from) return undefined
  const alias = Object.keys(ALIASES).find((key) => specifier.startsWith(key))
  if (alias || specifier.startsWith('.')) {
    const target = alias
      ? ALIASES[alias] + specifier.slice(alias.length)
      : path.posix.join(path.posix.dirname(relative), specifier)
    const to = roomOf(target)
    if (!to) return target.startsWith('tests/') ? `${from.room} may not import tests` : undefined
    if (to.room === from.room) {
      const [a, b] = [folderOf(from, relative), folderOf(to, target)]
      return from.siblings === false && a && b && a !== b
        ? `${from.room}/${a} may not import its sibling ${b}`
        : undefined
    }
    return from.mayImport.includes(to.room) ? undefined : `${from.room} may not import ${to.room}`
  }
  if (isBuiltin(specifier)) return from.node ? undefined : `${from.room} may not import node's ${specifier}`
  const holders = Object.entries(RESERVED).find(([pattern]) => matches(pattern, specifier))?.[1]
  if (holders)
    return holders.includes(from.room) ? undefined : `${specifier} is reserved to ${holders.join(', ')}`
  if (from.packages === '*') return undefined
  const allowed = from.packages.some((name) => specifier === name || specifier.startsWith(`${name}/`))
  return allowed ? undefined : `${from.room} may not import the package ${specifier}`
}

const borders = {
  meta: { type: 'problem', schema: [], docs: { description: 'imports keep to the room table' } },
  create(context) {
    const check = (node) => {
      if (typeof node?.value !== 'string') return
      const reason = breach(context.filename, node.value)
      if (reason) context.report({ node, message: `${reason} (rooms.config.mjs)` })
    }
    return {
      ImportDeclaration: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source)
    }
  }
}

/** ESLint's cache asks for the version: what was linted by another table is linted again. */
const version = createHash('sha256')
  .update(readFileSync(import.meta.filename))
  .update(readFileSync(path.join(ROOT, 'rooms.config.mjs')))
  .digest('hex')

export const rooms = { meta: { name: 'rooms', version }, rules: { borders } }

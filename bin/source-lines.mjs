// In a checkout, stacks name the lines of the sources. Node's own --enable-source-maps would read the map of every file
// that is loaded, packages' too, when it is loaded; here a map is read when an error's stack is asked for.
import { existsSync, readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const PLACE = /((?:file:\/\/)?[^\s()]+\.js):(\d+):(\d+)/
const maps = new Map()

function mapOf(file) {
  if (!maps.has(file)) {
    const map = `${file}.map`
    maps.set(file, existsSync(map) ? new SourceMap(JSON.parse(readFileSync(map, 'utf8'))) : undefined)
  }
  return maps.get(file)
}

/** A place in a built file as the place in the source, where it has a map. */
function sourcePlace(given, named, line, column) {
  try {
    const file = named.startsWith('file:') ? fileURLToPath(named) : named
    const { originalSource, originalLine, originalColumn } =
      mapOf(file)?.findEntry(Number(line) - 1, Number(column) - 1) ?? {}
    if (originalSource === undefined) return given
    const source = path.resolve(path.dirname(file), originalSource)
    return `${source}:${originalLine + 1}:${originalColumn + 1}`
  } catch {
    return given
  }
}

function title(error) {
  try {
    return String(error)
  } catch {
    return 'Error'
  }
}

Error.prepareStackTrace = (error, frames) =>
  [title(error), ...frames.map((frame) => `    at ${String(frame).replace(PLACE, sourcePlace)}`)].join('\n')

import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.ttf': 'font/ttf',
  '.eot': 'application/vnd.ms-fontobject'
}

export interface WindowFile {
  readonly body: Buffer
  readonly type: string
  /** Whether the name changes with the content. */
  readonly lasting: boolean
}

/**
 * The built window, whole in memory and found by exact address: a request can name no other file, whatever
 * dots and slashes it contains.
 */
export function readWindowFiles(folder: string): ReadonlyMap<string, WindowFile> {
  const files = new Map<string, WindowFile>()
  for (const file of filesIn(folder)) {
    const type = TYPES[path.extname(file)]
    if (!type) continue
    const address = `/${path.relative(folder, file).split(path.sep).join('/')}`
    files.set(address, { body: readFileSync(file), type, lasting: address.startsWith('/assets/') })
  }
  const page = files.get('/index.html')
  if (page) files.set('/', page)
  return files
}

/** Folder by folder: an Electron archive does not list what lies deeper. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const place = path.join(folder, entry.name)
    return entry.isDirectory() ? filesIn(place) : [place]
  })
}

import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** The folder that holds the product's package.json: above the sources, or above a build of them. */
export function productFolder(): string {
  for (let folder = import.meta.dirname; ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, 'package.json'))) return folder
    if (path.dirname(folder) === folder) throw new Error('package.json is missing.')
  }
}

export function productVersion(): string {
  const description = readFileSync(path.join(productFolder(), 'package.json'), 'utf8')
  return (JSON.parse(description) as { version: string }).version
}

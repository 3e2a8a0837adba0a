// node scripts/licences/write.mjs [folder]: licences.json there, out/licences by default: what is shipped, and under which
// licences, with their texts. Part of each build; the window and the API read it.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { homeOf, installedPackages, otherComponents, textsOf } from './components.mjs'

const ROOT = path.resolve(import.meta.dirname, '../..')
const folder = path.resolve(process.argv[2] ?? path.join(ROOT, 'out/licences'))

const components = [...otherComponents(ROOT), ...installedPackages(ROOT)]
  .map((component) => ({
    name: component.name,
    version: component.version,
    license: component.license ?? 'unknown',
    ...(homeOf(ROOT, component) ? { home: homeOf(ROOT, component) } : {}),
    text: textsOf(ROOT, component)
  }))
  .sort((a, b) => a.name.localeCompare(b.name, 'en', { sensitivity: 'base' }))

mkdirSync(folder, { recursive: true })
const file = path.join(folder, 'licences.json')
writeFileSync(`${file}.${process.pid}`, JSON.stringify(components))
renameSync(`${file}.${process.pid}`, file)

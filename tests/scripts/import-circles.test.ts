import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const ROOT = path.resolve(import.meta.dirname, '../..')
const ALIAS = /^@(shared|engine|main|renderer)\//
const IMPORTED = /(?:\bfrom|\bimport|\bimport\()\s*['"]((?:\.|@(?:shared|engine|main|renderer)\/)[^'"]+)['"]/g

/** What each source file imports, types included, by paths from the project's root. */
function importsOfSources(): Map<string, string[]> {
  const files = readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .map((file) => `src/${file.split(path.sep).join('/')}`)
    .filter((file) => /\.(ts|vue)$/.test(file))
  const known = new Set(files)
  return new Map(
    files.map((file) => {
      const text = readFileSync(path.join(ROOT, file), 'utf8')
      const targets = [...text.matchAll(IMPORTED)].flatMap(([, specifier = '']) => {
        const base = ALIAS.test(specifier)
          ? specifier.replace(ALIAS, 'src/$1/')
          : path.posix.join(path.posix.dirname(file), specifier)
        return [base, `${base}.ts`, `${base}/index.ts`].find((one) => known.has(one)) ?? []
      })
      return [file, targets]
    })
  )
}

/** A path that leads back to its beginning, if there is one. */
function circleIn(graph: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>()
  const follow = (file: string, trail: readonly string[]): string[] | undefined => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file]
    if (done.has(file)) return undefined
    for (const target of graph.get(file) ?? []) {
      const circle = follow(target, [...trail, file])
      if (circle) return circle
    }
    done.add(file)
    return undefined
  }
  for (const file of graph.keys()) {
    const circle = follow(file, [])
    if (circle) return circle
  }
  return undefined
}

test('a circle is found', () => {
  const graph = new Map([
    ['a', ['b', 'd']],
    ['b', ['c']],
    ['c', ['b']],
    ['d', []]
  ])
  expect(circleIn(graph)).toEqual(['b', 'c', 'b'])
})

test('no source imports itself through others, not even by a type', () => {
  const graph = importsOfSources()
  expect(graph.get('src/main/api/router.ts')).toContain('src/main/api/context.ts')
  expect(circleIn(graph)).toBeUndefined()
})

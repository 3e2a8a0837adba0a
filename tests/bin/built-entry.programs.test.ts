import { spawn } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync
} from 'node:fs'
import path from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { temporaryFolder } from '@support/command'
import { ENTRIES, TFJS } from '../../bin/built-entry.mjs'

const PROJECT = path.resolve(import.meta.dirname, '../..')
const HOUR = 3_600_000
let product: string
const at = (...names: string[]): string => path.join(product, ...names)
const write = (file: string, text: string): void => {
  mkdirSync(path.dirname(at(file)), { recursive: true })
  writeFileSync(at(file), text)
}
const cli = (text: string): void => write('src/main/shells/cli/index.ts', text)
const builds = (): string[] => readdirSync(at('node_modules/.cache/bilevel')).sort()

/** What the command says and how it ends. */
function run(): Promise<{ out: string; err: string; code: number | null }> {
  const child = spawn(process.execPath, [at('bin/bilevel.mjs')], { stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => (out += String(chunk)))
  child.stderr.on('data', (chunk) => (err += String(chunk)))
  return new Promise((resolve) => child.on('close', (code) => resolve({ out, err, code })))
}

/** A product in small: the real command, sources of a line each. */
beforeEach(() => {
  product = realpathSync(temporaryFolder())
  cpSync(path.join(PROJECT, 'bin'), at('bin'), { recursive: true })
  write('package.json', '{ "type": "module" }')
  write('package-lock.json', '{}')
  write('tsconfig.base.json', '{ "compilerOptions": { "paths": { "@shared/*": ["./src/shared/*"] } } }')
  for (const source of Object.values(ENTRIES)) write(source, 'export {}')
  write('src/engine/a.ts', 'export {}')
  write(TFJS, 'export {}')
  write('src/shared/word.ts', "export const word: string = 'word'")
  mkdirSync(at('node_modules'))
  symlinkSync(path.join(PROJECT, 'node_modules/esbuild'), at('node_modules/esbuild'))
})

test('a checkout builds once, however many ask at once, and again when a source has changed', async () => {
  cli("import { word } from '@shared/word'\nconsole.log(`the ${word}`)")
  const first = await Promise.all([run(), run(), run()])
  expect(first.map(({ out, err }) => out + err)).toEqual(['the word\n', 'the word\n', 'the word\n'])
  expect(builds()).toHaveLength(1)
  expect((await run()).out).toBe('the word\n')
  expect(builds()).toHaveLength(1)
  write('src/shared/word.ts', "export const word: string = 'bird'")
  expect((await run()).out).toBe('the bird\n')
  expect(builds()).toHaveLength(2)
})

test('builds that nobody has used for days are removed by the next one; others stay', async () => {
  cli('console.log(1)')
  await run()
  const [old] = builds()
  cli('console.log(22)')
  await run()
  const [recent] = builds().filter((name) => name !== old)
  const longAgo = new Date(Date.now() - 49 * HOUR)
  utimesSync(at('node_modules/.cache/bilevel', old!), longAgo, longAgo)
  cli('console.log(333)')
  expect((await run()).out).toBe('333\n')
  expect(builds()).toHaveLength(2)
  expect(builds()).toContain(recent)
  expect(builds()).not.toContain(old)
})

test('stacks name the line of the source, and a source that is none is named with its line', async () => {
  cli(
    'interface Nothing {}\n\nexport const fail = (): Nothing => {\n  throw new Error("too bad")\n}\nfail()\n'
  )
  const failed = await run()
  expect(failed.code).toBe(1)
  expect(failed.err).toMatch(/too bad[\s\S]*src\/main\/shells\/cli\/index\.ts:4:9/)
  cli('export {}\nconst = 3\n')
  const broken = await run()
  expect(broken.code).toBe(1)
  expect(broken.err).toContain('src/main/shells/cli/index.ts:2:6')
  // Nothing half built is left to be run.
  expect(builds()).toHaveLength(1)
})

test('a package runs the build that it brings, and needs no esbuild', async () => {
  rmSync(at('src'), { recursive: true })
  rmSync(at('node_modules'), { recursive: true })
  write('out/main/cli.js', "console.log('packed')")
  expect(await run()).toEqual({ out: 'packed\n', err: '', code: 0 })
})

// node scripts/build/parts.mjs [part ...] [--all]: builds in out/ what has changed since it was built, of the parts named,
// by default of all; with --all also what has not. Each part is written beside and renamed, and holds the hash of what it was
// made from, so that one that another build has replaced is never taken for up to date.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import path from 'node:path'

const ROOT = path.resolve(import.meta.dirname, '../..')
const ELECTRON_VITE = 'node_modules/electron-vite/bin/electron-vite.js'
const COMMON = ['package.json', 'package-lock.json', 'tsconfig.base.json', 'electron.vite.config.ts']

/**
 * What each part is made from, the file that shows that it is there, and the command that makes it in the folder
 * `<beside>/<part>`.
 * @typedef {{ title: string, inputs: string[], shown: string, command: (beside: string) => string[] }} Part
 * @type {Record<string, Part>}
 */
export const PARTS = {
  main: {
    title: 'the main process',
    inputs: ['src/main', 'src/engine', 'src/shared', 'scripts/build', 'bin/built-entry.mjs', ...COMMON],
    shown: 'index.js',
    command: () => [ELECTRON_VITE, 'build', '--logLevel', 'error']
  },
  preload: {
    title: 'the bridge',
    inputs: ['src/preload', 'src/shared', ...COMMON],
    shown: 'index.js',
    command: () => [ELECTRON_VITE, 'build', '--logLevel', 'error']
  },
  renderer: {
    title: 'the window',
    inputs: [
      'src/renderer',
      'src/shared',
      'vite.window.config.ts',
      'package-lock.json',
      'tsconfig.base.json'
    ],
    shown: 'index.html',
    command: (beside) => [
      'node_modules/vite/bin/vite.js',
      'build',
      '--config',
      'vite.window.config.ts',
      '--outDir',
      path.join(beside, 'renderer'),
      '--logLevel',
      'error'
    ]
  },
  licences: {
    title: 'the list of licences',
    inputs: ['scripts/licences', 'package.json', 'package-lock.json', 'LICENSE'],
    shown: 'licences.json',
    command: (beside) => ['scripts/licences/write.mjs', path.join(beside, 'licences')]
  }
}

const STAMP = '.inputs'

/** A hash of the names and contents of a part's inputs. @param {string} root @param {readonly string[]} inputs */
export function hashOf(root, inputs) {
  const hash = createHash('sha256')
  for (const input of inputs) {
    const place = path.join(root, input)
    const isFolder = statSync(place).isDirectory()
    const files = isFolder
      ? readdirSync(place, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
          .sort()
      : [place]
    for (const file of files) {
      const content = readFileSync(file)
      hash.update(`${path.relative(root, file)}\n${content.length}\n`).update(content)
    }
  }
  return hash.digest('hex')
}

/** Whether what is in out/ was made from the inputs as they are. */
export function isCurrent(root, name, parts = PARTS) {
  const { inputs, shown } = parts[name]
  const folder = path.join(root, 'out', name)
  const stamp = path.join(folder, STAMP)
  if (!existsSync(path.join(folder, shown)) || !existsSync(stamp)) return false
  return readFileSync(stamp, 'utf8') === hashOf(root, inputs)
}

/**
 * @param {string} root of a checkout
 * @param {{ names?: readonly string[], all?: boolean, say?: (line: string) => void, parts?: Record<string, Part> }} [options]
 * @returns {Promise<string[]>} the parts that were built
 * @throws Error with the last of what the build said
 */
export async function buildParts(root, { names, all = false, say = tell, parts = PARTS } = {}) {
  const wanted = names?.length ? names : Object.keys(parts)
  const stale = wanted.filter((name) => all || !isCurrent(root, name, parts))
  for (const name of stale) {
    say(`Building ${parts[name].title}: ${reason(root, name, all, parts)} ...`)
    await buildPart(root, name, parts[name])
  }
  if (stale.length === 0) say('The build is up to date.')
  return stale
}

function reason(root, name, all, parts) {
  if (!existsSync(path.join(root, 'out', name, parts[name].shown))) return 'it has not been built'
  return all ? 'everything is wanted' : 'its sources have changed'
}

async function buildPart(root, name, { inputs, command, shown }) {
  const folder = path.join(root, 'out', name)
  const beside = path.join(root, 'out', `.new-${name}-${process.pid}`)
  mkdirSync(beside, { recursive: true })
  try {
    // What changes during the build is of the next one.
    const before = hashOf(root, inputs)
    await run(root, command(beside), { BILEVEL_PART: name, BILEVEL_BUILD_FOLDER: beside })
    if (!existsSync(path.join(beside, name, shown))) throw new Error(`The build made no ${name}/${shown}.`)
    writeFileSync(path.join(beside, name, STAMP), before)
    rmSync(folder, { recursive: true, force: true })
    renameSync(path.join(beside, name), folder)
  } finally {
    rmSync(beside, { recursive: true, force: true })
  }
}

/** In a process of its own: a build leaves much memory behind. */
function run(root, command, env) {
  const child = spawn(process.execPath, command, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env }
  })
  let said = ''
  child.stdout.on('data', (chunk) => (said += String(chunk)))
  child.stderr.on('data', (chunk) => (said += String(chunk)))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(said.trim().split('\n').slice(-5).join(' ')))
    })
  })
}

function tell(line) {
  process.stderr.write(`${line}\n`)
}

if (import.meta.filename === path.resolve(process.argv[1] ?? '')) {
  const names = process.argv.slice(2).filter((word) => word !== '--all')
  try {
    await buildParts(ROOT, { names, all: process.argv.includes('--all') })
  } catch (error) {
    tell(error.message)
    process.exitCode = 1
  }
}

// Where the built program is: the one place that says how an entry is found. An installed package brings its build. A
// checkout's is made here when its sources have changed, so that a start costs no compiling.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const PRODUCT = path.resolve(import.meta.dirname, '..')

/** Programs of their own, and the source that each begins with. */
export const ENTRIES = {
  cli: 'src/main/shells/cli/index.ts',
  worker: 'src/main/runs/worker/index.ts',
  features: 'src/main/features/worker/index.ts',
  survey: 'src/main/survey/worker/index.ts'
}

/** What builds take for @tensorflow/tfjs-core. */
export const TFJS = 'scripts/build/tfjs-core.mjs'

/** In a checkout's build: what stacks name the sources by. */
const SOURCE_LINES = 'source-lines'

/** Packages that builds take into themselves: of these most is left out, and the rest comes in one file. */
export const BUNDLED = ['zod']

/** Inside node_modules, so that a build finds the packages. */
const BUILDS = path.join(PRODUCT, 'node_modules/.cache/bilevel')
/** What a build depends on. */
const SOURCES = [
  'src/engine',
  'src/main',
  'src/shared',
  'bin',
  'scripts/build',
  'tsconfig.base.json',
  'package-lock.json'
]
const HOUR = 3_600_000
/** A build that nobody has used for so long is removed; whoever runs from one says so each hour. */
const KEPT = 48 * HOUR

/** The build that this process has begun with: later changes of the sources are for later processes. */
let present

/**
 * The file of an entry's build, for the module `asker` (its URL), and what Node is to be started with for it.
 * @throws Error when the sources cannot be built
 */
export function builtEntry(name, asker) {
  const file = builtFile(name, asker)
  const lines = path.join(path.dirname(file), `${SOURCE_LINES}.js`)
  return { file, execArgv: existsSync(lines) ? ['--import', pathToFileURL(lines).href] : [] }
}

function builtFile(name, asker) {
  // A program that is itself a build goes on in that one.
  const beside = path.join(path.dirname(fileURLToPath(asker)), `${name}.js`)
  if (existsSync(beside)) return beside
  const inCheckout = existsSync(path.join(PRODUCT, ENTRIES[name]))
  return path.join(inCheckout ? developmentBuild() : path.join(PRODUCT, 'out/main'), `${name}.js`)
}

function developmentBuild() {
  if (present) return present
  const folder = path.join(BUILDS, stamp())
  present = existsSync(folder) ? folder : build()
  touch(present)
  setInterval(() => touch(present), HOUR).unref()
  return present
}

/** Several processes may build at once: each beside, and the first one's is taken. */
function build() {
  const beside = path.join(BUILDS, `new-${process.pid}-${Date.now()}`)
  try {
    let before
    // What changed during the build may be in it by half.
    do {
      before = stamp()
      rmSync(beside, { recursive: true, force: true })
      bundle(beside)
    } while (stamp() !== before)
    const folder = path.join(BUILDS, before)
    try {
      renameSync(beside, folder)
    } catch (error) {
      if (!existsSync(folder)) throw error
    }
    removeOld()
    return folder
  } finally {
    rmSync(beside, { recursive: true, force: true })
  }
}

function bundle(outdir) {
  // Not imported: a package has no esbuild, and needs none.
  const esbuild = createRequire(import.meta.url)('esbuild')
  esbuild.buildSync({
    absWorkingDir: PRODUCT,
    entryPoints: { ...ENTRIES, [SOURCE_LINES]: `bin/${SOURCE_LINES}.mjs` },
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    external: externals(),
    alias: { '@tensorflow/tfjs-core': path.join(PRODUCT, TFJS) },
    sourcemap: 'linked',
    sourcesContent: false,
    tsconfig: 'tsconfig.base.json',
    logLevel: 'silent'
  })
}

/** Packages that stay outside of a build, with all that is in them. */
function externals() {
  const { dependencies = {} } = JSON.parse(readFileSync(path.join(PRODUCT, 'package.json'), 'utf8'))
  return Object.keys(dependencies).filter((name) => !BUNDLED.includes(name))
}

/** The place, size and times of each file: a change that leaves all of them alone is none. */
function stamp() {
  const hash = createHash('sha256')
  for (const source of SOURCES) {
    const place = path.join(PRODUCT, source)
    const inside = statSync(place).isDirectory()
      ? readdirSync(place, { recursive: true }).map((name) => path.join(place, name))
      : [place]
    for (const file of inside.sort()) {
      const { size, mtimeMs, ctimeMs } = statSync(file)
      hash.update(`${file}\n${size} ${mtimeMs} ${ctimeMs}\n`)
    }
  }
  return hash.digest('hex').slice(0, 16)
}

function touch(folder) {
  try {
    const now = new Date()
    utimesSync(folder, now, now)
  } catch {
    // It may be another user's, who then keeps it.
  }
}

function removeOld() {
  for (const name of readdirSync(BUILDS)) {
    const folder = path.join(BUILDS, name)
    const used = statSync(folder, { throwIfNoEntry: false })
    if (used && Date.now() - used.mtimeMs > KEPT) rmSync(folder, { recursive: true, force: true })
  }
}

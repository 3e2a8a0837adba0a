// npm run check: types, lint and formatting side by side, as many at once as there are processors. What passes says
// nothing; what fails says all. Each keeps a cache in node_modules/.cache of what has not changed.
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import path from 'node:path'

const ROOT = path.resolve(import.meta.dirname, '..')
/** The longest first. */
const PARTS = [
  ['eslint', '.', '--max-warnings', '0', '--cache', '--cache-location', 'node_modules/.cache/eslint/'],
  ['tsc', '-p', 'tsconfig.node.json', '--noEmit'],
  ['vue-tsc', '-p', 'tsconfig.web.json', '--noEmit'],
  // In a place of its own: Prettier without a cache, as for one file, removes the usual one.
  [
    'prettier',
    '--check',
    '.',
    '--cache',
    '--cache-location',
    'node_modules/.cache/prettier-check',
    '--log-level',
    'warn'
  ],
  ['tsc', '-p', 'tsconfig.browser.json', '--noEmit']
]

/** @returns whether it passed */
function passes([program, ...args]) {
  const file = path.join(ROOT, 'node_modules/.bin', program)
  const onWindows = process.platform === 'win32'
  const child = spawn(onWindows ? `"${file}.cmd"` : file, args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: onWindows
  })
  let said = ''
  child.stdout.on('data', (chunk) => (said += String(chunk)))
  child.stderr.on('data', (chunk) => (said += String(chunk)))
  return new Promise((resolve) => {
    const settle = (isPassed) => {
      if (!isPassed) console.error(`${program} ${args.join(' ')}\n${said}`)
      resolve(isPassed)
    }
    child.on('error', (error) => {
      said += error.message
      settle(false)
    })
    child.on('close', (code) => settle(code === 0))
  })
}

const waiting = [...PARTS]
let failed = 0
const places = Array.from({ length: Math.min(availableParallelism(), PARTS.length) }, async () => {
  for (let part = waiting.shift(); part; part = waiting.shift()) if (!(await passes(part))) failed++
})
await Promise.all(places)
if (failed > 0) {
  console.error(`${failed} of ${PARTS.length} checks failed.`)
  process.exitCode = 1
}

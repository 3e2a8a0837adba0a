// TensorFlow's wheels are archives of shared libraries; pip is only asked to fetch them. Nothing is installed
// into Python, and the Python version does not matter.
import { mkdirSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { complaint, run, StepFailed } from './program.mjs'
import { megabytes, say, telling } from './progress.mjs'

/** Ways to call pip, the most explicit first. */
const CALLS =
  process.platform === 'win32'
    ? [['py', '-3', '-m', 'pip'], ['python', '-m', 'pip'], ['pip3'], ['pip']]
    : [['python3', '-m', 'pip'], ['python', '-m', 'pip'], ['pip3'], ['pip']]

const NO_PIP = 'Install Python 3 with pip, then run `npm run install` again.'

/** @returns {Promise<string[]>} the call that answers */
export async function findPip() {
  let python = false
  for (const call of CALLS) {
    const { code, output } = await run([...call, '--version'], { seconds: 60 })
    if (code === 0) return call
    if (/No module named/.test(output)) python = true
  }
  throw new StepFailed(
    python ? 'Python is there, but its pip is not' : 'neither Python nor pip was found',
    NO_PIP
  )
}

/**
 * Downloads one wheel for each requirement, without its dependencies.
 * @param {string[]} pip from {@link findPip}
 * @param {readonly string[]} requirements as pip writes them, e.g. `tensorflow-cpu==2.21.0`
 * @param {string} folder where the wheels go
 * @returns {Promise<string[]>} paths of the wheels
 */
export async function downloadWheels(pip, requirements, folder) {
  const scratch = path.join(folder, 'incoming')
  mkdirSync(scratch, { recursive: true })
  const started = Date.now()
  const label = requirements.length === 1 ? requirements[0] : `${requirements.length} packages`
  say(`downloading ${label} with ${pip.join(' ')}`)
  const stop = telling(`downloading ${label}`, () => `${megabytes(sizeBelow(folder))} so far`)
  const common = [
    ...pip,
    'download',
    '--no-deps',
    '--only-binary=:all:',
    '--retries',
    '2',
    '--progress-bar',
    'off'
  ]
  // A Python for which no wheel exists (too new, too old) still can fetch another's: only its libraries are used.
  const attempts = [[], ['--python-version', '3.12']]
  let failure = ''
  try {
    for (const extra of attempts) {
      const { code, output } = await run([...common, ...extra, '--dest', folder, ...requirements], {
        env: {
          ...process.env,
          TMPDIR: scratch,
          TEMP: scratch,
          TMP: scratch,
          PIP_DISABLE_PIP_VERSION_CHECK: '1'
        }
      })
      if (code === 0) {
        const wheels = wheelsIn(folder)
        const seconds = ((Date.now() - started) / 1000).toFixed(1)
        stop()
        say(`downloaded ${megabytes(sizeBelow(folder))} in ${seconds} s`)
        return wheels
      }
      failure = complaint(output)
      if (!/no matching distribution|could not find a version/i.test(output)) break
      // pip says "no matching distribution" when it cannot reach its index, too.
      if (/connection|name resolution|network|timed out|ssl/i.test(output)) {
        failure = 'the package index cannot be reached'
        break
      }
    }
  } finally {
    stop()
  }
  throw new StepFailed(
    `pip could not download ${label} (${failure})`,
    'Check the connection (or pip’s index and proxy settings), then run `npm run install` again.'
  )
}

/** @param {string} folder */
export function wheelsIn(folder) {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.whl'))
    .map((name) => path.join(folder, name))
}

function sizeBelow(folder) {
  let total = 0
  try {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) total += statSync(path.join(entry.parentPath ?? entry.path, entry.name)).size
    }
  } catch {
    // pip moves files while they are counted; the next count is right.
  }
  return total
}

import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import * as z from 'zod'
import { Failure } from '../../shared/domain/failure'
import { productFolder } from '../files/product'
import { packList } from './pack'
import type { PackFile } from './pack'

const require = createRequire(import.meta.url)
const entry = z.object({ build: z.enum(['cpu', 'cuda']), tensorflow: z.string() })

/** The native build that is in place; undefined where there is none. */
export function presentBuild(): z.infer<typeof entry> | undefined {
  try {
    const folder = path.dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json'))
    return entry.parse(JSON.parse(readFileSync(path.join(folder, 'deps/entry.json'), 'utf8')))
  } catch {
    return undefined
  }
}

/** Why the CUDA build cannot be put in place here, a sentence; undefined where it can. */
export function packObstacle(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return 'TensorFlow publishes libraries for NVIDIA cards for Linux on x64 only.'
  // A packaged program brings no scripts: it would need Python and a compiler, and may not change itself.
  if (!existsSync(scriptsFolder()))
    return 'The installed desktop program trains on the CPU. For an NVIDIA card, install Bilevel Workbench with npm.'
  // Compilers and pip are asked by a plain Node.
  if (process.versions['electron'] !== undefined)
    return 'Not while this window is open: quit, and put them in place from a terminal, or from the window in a browser.'
  return undefined
}

/** Of what `npm install` runs. */
function scriptsFolder(): string {
  return path.join(productFolder(), 'scripts/native')
}

/** What the CUDA build takes, as pip names it. @throws Failure refused with pip's reason */
export async function listPack(): Promise<PackFile[]> {
  const obstacle = packObstacle()
  if (obstacle !== undefined) throw new Failure('refused', obstacle, 'Training uses what is in place.')
  const { code, stdout, stderr } = await runScript('list-wheels.mjs', {})
  if (code !== 0) {
    throw new Failure(
      'refused',
      `The libraries cannot be listed: ${stderr.trim()}`,
      'Then run "bilevel gpu install" again.'
    )
  }
  return packList.parse(JSON.parse(stdout))
}

/**
 * Put a CUDA build from wheels in a folder in place of the present one.
 * @param say lines of the installation
 * @throws Failure refused where the machine cannot use it; the present one is in place then
 */
export async function installFromWheels(folder: string, say: (line: string) => void): Promise<void> {
  const env = { BILEVEL_NATIVE: 'cuda', BILEVEL_NATIVE_WHEELS: folder }
  const { stderr } = await runScript('provision.mjs', env, say)
  if (presentBuild()?.build === 'cuda') return
  const reason = stderr.trim().split('\n').at(-1) ?? 'it gave no reason'
  throw new Failure(
    'refused',
    `The CUDA build could not be put in place: ${reason}`,
    'What was fetched is kept; "bilevel doctor" tells what is used now.'
  )
}

function runScript(
  name: string,
  env: Record<string, string>,
  say: (line: string) => void = () => undefined
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [path.join(scriptsFolder(), name)], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => (stdout += String(chunk)))
  child.stderr.on('data', (chunk) => {
    stderr = (stderr + String(chunk)).slice(-20_000)
    for (const line of String(chunk).split('\n')) if (line.trim() !== '') say(line.trim())
  })
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: null, stdout, stderr: error.message }))
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

/**
 * Windows and macOS: the C library that TensorFlow publishes for tfjs-node, and tfjs-node's ready-made addon
 * (compiled here where there is none). Names and layout follow the package's own scripts/install.js.
 *
 * Not run on either system by the authors: a failure here ends in the WebAssembly fallback like any other.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs'
import path from 'node:path'
import { ADDON_PATH, buildAddon } from './addon.mjs'
import { ARCHIVE_VERSION } from './plan.mjs'
import { complaint, run, StepFailed } from './program.mjs'
import { megabytes, say, telling } from './progress.mjs'

const ARCHITECTURES = { x64: 'x86_64', arm64: 'arm64' }
const SYSTEMS = { win32: 'windows', darwin: 'darwin' }

/**
 * The addresses for a system; both environment variables are the package's own.
 * @param {{ build: 'cpu' | 'cuda' }} plan
 * @param {string} addonVersion
 */
export function archiveAddresses(
  plan,
  addonVersion,
  platform = process.platform,
  arch = process.arch,
  env = process.env
) {
  const host = env.TFJS_NODE_CDN_STORAGE || 'https://storage.googleapis.com/'
  const base = env.TFJS_NODE_BASE_URI || `${host}tensorflow/libtensorflow/libtensorflow-`
  const system = SYSTEMS[platform]
  const kind = plan.build === 'cuda' ? 'gpu' : 'cpu'
  const extension = platform === 'win32' ? 'zip' : 'tar.gz'
  const library =
    platform === 'darwin' && arch === 'arm64'
      ? `${host}tf-builds/libtensorflow_r2_7_darwin_arm64_cpu.tar.gz`
      : `${base}${kind}-${system}-${ARCHITECTURES[arch]}-${ARCHIVE_VERSION}.${extension}`
  // The published addons are for Intel processors.
  const addon =
    arch === 'x64'
      ? `${host}tf-builds/pre-built-binary/napi-v8/${addonVersion}/${kind.toUpperCase()}-${system}-${addonVersion}.${extension}`
      : undefined
  return { library, addon }
}

/**
 * @param {{ build: 'cpu' | 'cuda' }} plan
 * @param {string} packageFolder @param {string} addonVersion
 * @param {string} folder receives deps/lib, deps/include and lib/napi-v8
 */
export async function installArchive(plan, packageFolder, addonVersion, folder) {
  const { library, addon } = archiveAddresses(plan, addonVersion)
  const deps = path.join(folder, 'deps')
  await fetchAndUnpack(library, deps)
  const loose = path.join(deps, 'tensorflow.dll')
  const dll = path.join(deps, 'lib', 'tensorflow.dll')
  if (process.platform === 'win32' && existsSync(loose)) {
    // Some of the Windows archives lack the lib folder.
    mkdirSync(path.dirname(dll), { recursive: true })
    renameSync(loose, dll)
  }
  if (!(await readyAddon(addon, folder))) await buildAddon(packageFolder, folder)
  // Windows looks for the library beside the addon.
  if (process.platform === 'win32')
    copyFileSync(dll, path.join(folder, path.dirname(ADDON_PATH), 'tensorflow.dll'))
}

async function readyAddon(address, folder) {
  if (!address) return false
  const unpacked = path.join(folder, 'addon')
  try {
    await fetchAndUnpack(address, unpacked)
  } catch (error) {
    if (error instanceof StepFailed) return false
    throw error
  }
  const found = readdirSync(unpacked, { recursive: true }).find(
    (name) => path.basename(name) === 'tfjs_binding.node'
  )
  if (!found) return false
  const target = path.join(folder, ADDON_PATH)
  mkdirSync(path.dirname(target), { recursive: true })
  renameSync(path.join(unpacked, found), target)
  return true
}

/** curl and tar are part of Windows 10 and macOS; curl honours the system's proxy variables, tar reads zip there. */
async function fetchAndUnpack(address, folder) {
  mkdirSync(folder, { recursive: true })
  const name = address.slice(address.lastIndexOf('/') + 1)
  const file = `${folder}.download`
  say(`downloading ${name}`)
  const stop = telling(
    `downloading ${name}`,
    () => `${megabytes(existsSync(file) ? statSync(file).size : 0)} so far`
  )
  const fetched = await run(['curl', '-fsSL', '--retry', '2', '--connect-timeout', '20', '-o', file, address])
  stop()
  if (fetched.code !== 0) {
    throw new StepFailed(
      `${name} could not be downloaded (${complaint(fetched.output)})`,
      'Check the connection, then run `npm run install` again.'
    )
  }
  const unpacked = await run(['tar', '-xf', file, '-C', folder])
  if (unpacked.code !== 0)
    throw new StepFailed(`${name} could not be unpacked (${complaint(unpacked.output)})`)
}

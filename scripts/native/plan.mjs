// Which TensorFlow build this machine should have, and from where.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'

/** The release that is asked for first; whatever pip then offers is the second choice. */
export const TENSORFLOW_VERSION = '2.21.0'

/** The release of the archives published for tfjs-node (Windows and macOS). */
export const ARCHIVE_VERSION = '2.9.1'

/**
 * @typedef {'cpu' | 'cuda'} Build
 * @typedef {{ source: 'wheel' | 'archive', build: Build, why: string }} Plan
 */

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {NodeJS.Platform} platform
 * @param {string} arch
 * @returns {Plan[]} in the order to try them; empty where TensorFlow publishes nothing
 */
export function plans(env, platform = process.platform, arch = process.arch) {
  const wish = env.BILEVEL_NATIVE
  if (platform === 'linux' && (arch === 'x64' || arch === 'arm64')) {
    const cpu = {
      source: 'wheel',
      build: 'cpu',
      why: wish === 'cpu' ? 'BILEVEL_NATIVE=cpu' : 'no NVIDIA card found'
    }
    // TensorFlow publishes CUDA wheels for x64 only.
    if (wish === 'cpu' || arch !== 'x64') return [cpu]
    const driver = nvidiaDriver(env)
    if (wish !== 'cuda' && !driver) return [cpu]
    const why = wish === 'cuda' ? 'BILEVEL_NATIVE=cuda' : `NVIDIA: ${driver}`
    return [
      { source: 'wheel', build: 'cuda', why },
      { ...cpu, why: 'the CUDA build could not be installed' }
    ]
  }
  if (platform === 'win32' && arch === 'x64') {
    const build = wish === 'cuda' ? 'cuda' : 'cpu'
    return [{ source: 'archive', build, why: `Windows${wish ? `, BILEVEL_NATIVE=${wish}` : ''}` }]
  }
  if (platform === 'darwin' && (arch === 'x64' || arch === 'arm64')) {
    return [{ source: 'archive', build: 'cpu', why: 'macOS' }]
  }
  return []
}

/**
 * What shows that an NVIDIA card can be used, or undefined. A driver library without a card (a container image,
 * say) brings nothing, so either nvidia-smi lists a card, or a device file and a library are there.
 */
export function nvidiaDriver(env = process.env) {
  const listed = spawnSync('nvidia-smi', ['-L'], {
    encoding: 'utf8',
    timeout: 20_000,
    windowsHide: true,
    env
  })
  const card = /^GPU \d+: ([^(\n]+)/m.exec(listed.stdout ?? '')?.[1]?.trim()
  if (card) return card
  const device = deviceFile()
  const library = LIBRARY_FOLDERS.concat((env.LD_LIBRARY_PATH ?? '').split(':').filter(Boolean)).some(
    (folder) => existsSync(path.join(folder, 'libcuda.so.1'))
  )
  return device && (library || existsSync('/proc/driver/nvidia/version')) ? device : undefined
}

const LIBRARY_FOLDERS = [
  '/usr/lib/x86_64-linux-gnu',
  '/usr/lib64',
  '/usr/lib',
  '/usr/lib/wsl/lib',
  '/usr/local/nvidia/lib64',
  '/run/opengl-driver/lib'
]

function deviceFile() {
  try {
    const name = readdirSync('/dev').find((entry) => /^nvidia\d+$|^dxg$/.test(entry))
    return name && `/dev/${name}`
  } catch {
    return undefined
  }
}

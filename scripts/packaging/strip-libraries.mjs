// Electron Builder's afterPack: on Linux, take out of the unpacked libraries the names that only a debugger reads. A
// quarter of TensorFlow's are such; what programs link to stays.
import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'

/** Below this a library is not worth it, in bytes. */
const LARGE = 20e6

export default function stripLibraries({ electronPlatformName, appOutDir }) {
  if (electronPlatformName !== 'linux') return
  const unpacked = path.join(appOutDir, 'resources/app.asar.unpacked')
  for (const name of readdirSync(unpacked, { recursive: true })) {
    const file = path.join(unpacked, name)
    if (!/\.(so(\.\d+)*|node)$/.test(file) || statSync(file).size < LARGE) continue
    const before = statSync(file).size
    try {
      execFileSync('strip', ['--strip-unneeded', file], { stdio: ['ignore', 'ignore', 'pipe'] })
    } catch (error) {
      console.warn(`  • ${name} keeps its debugging names: ${String(error.stderr ?? error.message).trim()}`)
      continue
    }
    console.log(`  • stripped ${name}: ${megabytes(before)} -> ${megabytes(statSync(file).size)}`)
  }
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(0)} MB`
}

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

const require = createRequire(import.meta.url)

export interface BackendFinding {
  readonly name: string
  readonly available: boolean
  readonly detail: string
  readonly remedy?: string
}

/** What can be known of the backends without loading them, for `bilevel doctor`. */
export async function diagnoseBackends(): Promise<BackendFinding[]> {
  return [native(), nvidia(), wasm()]
}

function native(): BackendFinding {
  try {
    const dir = path.dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json'))
    const addon = path.join(dir, 'lib', 'napi-v8', 'tfjs_binding.node')
    if (existsSync(addon)) return { name: 'native TensorFlow', available: true, detail: addon }
    return {
      name: 'native TensorFlow',
      available: false,
      detail: 'the addon has not been built',
      remedy:
        'Run "npm run install": it fetches TensorFlow and builds the addon (needs Python with pip and a C++ compiler).'
    }
  } catch {
    return {
      name: 'native TensorFlow',
      available: false,
      detail: 'the package @tensorflow/tfjs-node-gpu is not installed',
      remedy: 'Run "npm ci".'
    }
  }
}

function nvidia(): BackendFinding {
  const present = existsSync('/proc/driver/nvidia/version')
  return {
    name: 'NVIDIA driver',
    available: present,
    detail: present ? 'found' : 'not found: training uses the CPU',
    remedy: present
      ? undefined
      : 'Install the driver and run "npm run install" again to train on an NVIDIA card.'
  }
}

function wasm(): BackendFinding {
  return { name: 'WebAssembly', available: true, detail: 'always there; several times slower than native' }
}

import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { backend, findBackendFactory, registerBackend, setBackend } from '@tensorflow/tfjs-core'
import type { KernelBackend } from '@tensorflow/tfjs-core'
import type { BackendInfo } from '../../shared/domain/report'
import { registerKernels } from './kernels/register-kernels'

const require = createRequire(import.meta.url)

const PACKAGE = '@tensorflow/tfjs-node-gpu'
/** Where scripts/native places the addon in the package. */
const ADDON = '../lib/napi-v8/tfjs_binding.node'

/** The parts of tfjs-node-gpu that are used here; its own types pull in a second copy of tfjs. */
interface BackendModule {
  readonly NodeJSKernelBackend: new (addon: unknown, packageName: string) => KernelBackend
}
interface VersionModule {
  readonly version: string
}

interface NativeBackend {
  readonly isUsingGpuDevice: boolean
  readonly binding: { readonly TF_Version: string }
}

/** tfjs-node's name of its backend. */
const NAME = 'tensorflow'

/**
 * Native TensorFlow through tfjs-node. It registers itself with the tfjs-core that the engine imports: tfjs
 * keeps its engine and its registries on globalThis, however many copies of the module are loaded.
 * @throws when it is not provisioned or does not load
 */
export async function loadNative(): Promise<BackendInfo> {
  restoreUtilFunctions()
  // TensorFlow's own notices (CPU features) are no news to a user; its errors are. One line about oneDNN comes
  // before TensorFlow reads this.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2'
  // Else TensorFlow takes all of a card's memory at once.
  process.env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true'
  const ofPackage = createRequire(require.resolve(PACKAGE))
  if (!findBackendFactory(NAME)) registerNode(ofPackage)
  await setBackend(NAME)
  registerKernels(NAME)
  const { isUsingGpuDevice, binding } = backend() as unknown as NativeBackend
  return {
    name: 'native',
    version: `TensorFlow ${binding.TF_Version}, tfjs-node ${(ofPackage('./version') as VersionModule).version}`,
    device: isUsingGpuDevice ? 'GPU' : 'CPU',
    threads: availableParallelism()
  }
}

/**
 * The package's backend and kernels with tfjs-core in the place of all of tfjs, of which they use nothing else: its layers,
 * converters and other backends take longer to load than the product's own code.
 */
function registerNode(ofPackage: NodeJS.Require): void {
  const all = ofPackage.resolve('@tensorflow/tfjs')
  // First what may not load: kernels would be registered for nothing.
  const addon: unknown = ofPackage(ADDON)
  const before = require.cache[all]
  require.cache[all] = coreModule(ofPackage)
  try {
    ofPackage('./register_all_kernels')
    const { NodeJSKernelBackend } = ofPackage('./nodejs_kernel_backend') as BackendModule
    registerBackend(NAME, () => new NodeJSKernelBackend(addon, PACKAGE))
  } finally {
    if (before) require.cache[all] = before
    else delete require.cache[all]
  }
}

function coreModule(ofPackage: NodeJS.Require): NodeJS.Module {
  const core = '@tensorflow/tfjs-core'
  ofPackage(core)
  return ofPackage.cache[ofPackage.resolve(core)]!
}

/** tfjs-node 4.22 calls two functions of node:util that Node 23 removed. */
function restoreUtilFunctions(): void {
  const util = require('node:util') as Record<string, unknown>
  util['isNullOrUndefined'] ??= (value: unknown): boolean => value === null || value === undefined
  util['isArray'] ??= Array.isArray
}

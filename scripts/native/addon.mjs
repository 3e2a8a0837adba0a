// Compiles tfjs-node's N-API addon against the TensorFlow at hand. N-API is the same in every Node and Electron
// release, so one file serves them all.
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { complaint, run, StepFailed } from './program.mjs'
import { say } from './progress.mjs'

const require = createRequire(import.meta.url)

export const ADDON_PATH = path.join('lib', 'napi-v8', 'tfjs_binding.node')

/**
 * @param {string} packageFolder of @tensorflow/tfjs-node-gpu: its sources are read, nothing is written there
 * @param {string} buildFolder holds `deps/lib` and `deps/include`; receives the build
 * @returns {Promise<string>} path of the addon
 */
export async function buildAddon(packageFolder, buildFolder) {
  for (const part of ['binding', 'binding.gyp']) {
    cpSync(path.join(packageFolder, part), path.join(buildFolder, part), { recursive: true })
  }
  mkdirSync(path.join(buildFolder, path.dirname(ADDON_PATH)), { recursive: true })
  say('compiling the addon')
  const started = Date.now()
  const headers = headersOfNode()
  const { code, output } = await run(
    [
      process.execPath,
      require.resolve('node-gyp/bin/node-gyp.js'),
      'rebuild',
      '--module_name=tfjs_binding',
      '--module_path=./lib/napi-v8',
      '--napi_build_version=8',
      ...(headers ? [`--nodedir=${headers}`] : [])
    ],
    { cwd: buildFolder, env: { ...process.env, npm_config_jobs: 'max' }, seconds: 300 }
  )
  const addon = path.join(buildFolder, ADDON_PATH)
  const built = path.join(buildFolder, 'build', 'Release', 'tfjs_binding.node')
  if (existsSync(built)) cpSync(built, addon)
  if (code !== 0 || !existsSync(addon)) {
    const tools =
      process.platform === 'win32' ? 'Visual Studio’s C++ tools' : 'a C++ compiler, make and Python 3'
    throw new StepFailed(
      `the addon did not compile (${complaint(output)})`,
      `Install ${tools}, then run \`npm run install\` again.`
    )
  }
  say(`compiled the addon in ${((Date.now() - started) / 1000).toFixed(1)} s`)
  return addon
}

/**
 * The folder with `include/node` of the running Node, so that node-gyp need not download headers; undefined
 * leaves that to node-gyp.
 */
function headersOfNode() {
  const given = process.env.npm_config_nodedir
  if (given) return given
  const prefix = path.dirname(path.dirname(process.execPath))
  try {
    const text = readFileSync(path.join(prefix, 'include', 'node', 'node_version.h'), 'utf8')
    const major = /#define NODE_MAJOR_VERSION (\d+)/.exec(text)?.[1]
    const common = existsSync(path.join(prefix, 'include', 'node', 'common.gypi'))
    return common && major === process.versions.node.split('.')[0] ? prefix : undefined
  } catch {
    return undefined
  }
}

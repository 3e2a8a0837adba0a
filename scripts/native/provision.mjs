// The project's own install step: native TensorFlow for tfjs-node, or one clear line and WebAssembly.
// It never fails an installation: whatever happens, the exit code is 0.
//
//   BILEVEL_NATIVE=skip        do nothing
//   BILEVEL_NATIVE=cpu|cuda    force a build
//   BILEVEL_NATIVE_WHEELS=dir  take the wheels from a folder instead of the package index
//   BILEVEL_NATIVE_TARGET=dir  the package folder to provision (default: the installed one)
//   BILEVEL_CACHE=dir          where a provisioned TensorFlow is kept
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { ADDON_PATH, buildAddon } from './addon.mjs'
import { installArchive } from './archive.mjs'
import { cached, cacheFolder, fillCache, linkIntoPackage } from './cache.mjs'
import { downloadWheels, findPip, wheelsIn } from './pip.mjs'
import { plans, TENSORFLOW_VERSION } from './plan.mjs'
import { probe } from './probe.mjs'
import { StepFailed } from './program.mjs'
import { say } from './progress.mjs'
import { unpackNvidia, unpackTensorFlow, wheelVersion } from './wheel.mjs'

async function provision(env) {
  if (env.BILEVEL_NATIVE === 'skip') return say('skipped (BILEVEL_NATIVE=skip); WebAssembly will be used.')
  const packageFolder = env.BILEVEL_NATIVE_TARGET ?? installedPackage()
  const wanted = plans(env)
  if (wanted.length === 0) {
    throw new StepFailed(`TensorFlow publishes nothing for ${process.platform} on ${process.arch}`)
  }
  const addon = path.join(packageFolder, ADDON_PATH)
  if (existsSync(addon) && env.BILEVEL_NATIVE === undefined) {
    const found = await probe(addon).catch(() => undefined)
    if (found) return report(found, 'already there')
  }
  let failure
  for (const plan of wanted) {
    try {
      return await follow(plan, packageFolder, env)
    } catch (error) {
      failure = error
      if (plan !== wanted.at(-1)) say(`${plan.build}: ${error.message}; trying the next build`)
    }
  }
  throw failure
}

async function follow(plan, packageFolder, env) {
  if (plan.source === 'archive')
    return report(await probe(await installArchive(packageFolder, plan.build)), plan.why)
  const folder = cacheFolder(plan, TENSORFLOW_VERSION)
  if (cached(folder)) {
    const found = await probe(linkIntoPackage(folder, packageFolder)).catch(() => undefined)
    if (found) return report(found, 'from the cache')
    say('the cached build does not load any more; building it anew')
  }
  say(`taking the ${plan.build === 'cuda' ? 'CUDA' : 'CPU'} build (${plan.why})`)
  await fillCache(folder, (scratch) => build(plan, scratch, packageFolder, env))
  return report(await probe(linkIntoPackage(folder, packageFolder)), 'newly built')
}

async function build(plan, scratch, packageFolder, env) {
  const wheels = path.join(scratch, 'wheels')
  const deps = path.join(scratch, 'deps')
  const library = path.join(deps, 'lib')
  mkdirSync(wheels, { recursive: true })
  const name = plan.build === 'cuda' ? 'tensorflow' : 'tensorflow-cpu'
  const [wheel] = await fetchWheels([name], wheels, env)
  say('unpacking')
  const nvidia = await unpackTensorFlow(wheel, library, path.join(deps, 'include'))
  symlinkSync('libtensorflow_cc.so.2', path.join(library, 'libtensorflow.so'))
  symlinkSync('libtensorflow_framework.so.2', path.join(library, 'libtensorflow_framework.so'))
  if (plan.build === 'cuda') await unpackNvidia(await fetchNvidia(nvidia, wheels, env), deps)
  await buildAddon(packageFolder, scratch)
  for (const part of ['wheels', 'build', 'binding', 'binding.gyp']) {
    rmSync(path.join(scratch, part), { recursive: true, force: true })
  }
  return { version: wheelVersion(wheel), build: plan.build }
}

/** The TensorFlow wheel: the release asked for, or whatever the index offers for this machine. */
async function fetchWheels([name], folder, env) {
  if (env.BILEVEL_NATIVE_WHEELS) return fromFolder(env.BILEVEL_NATIVE_WHEELS, name)
  const pip = await findPip()
  try {
    return await downloadWheels(pip, [`${name}==${TENSORFLOW_VERSION}`], folder)
  } catch (error) {
    if (/cannot be reached/.test(error.message)) throw error
    return downloadWheels(pip, [name], folder)
  }
}

async function fetchNvidia(requirements, wheels, env) {
  if (env.BILEVEL_NATIVE_WHEELS) {
    return wheelsIn(env.BILEVEL_NATIVE_WHEELS).filter((file) => path.basename(file).startsWith('nvidia_'))
  }
  const folder = path.join(wheels, 'nvidia')
  mkdirSync(folder, { recursive: true })
  return downloadWheels(await findPip(), requirements, folder)
}

function fromFolder(folder, name) {
  const found = wheelsIn(folder).filter((file) =>
    path.basename(file).startsWith(`${name.replaceAll('-', '_')}-`)
  )
  if (found.length === 0) throw new StepFailed(`${folder} holds no wheel of ${name}`)
  return found
}

function installedPackage() {
  const require = createRequire(import.meta.url)
  try {
    return path.dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json'))
  } catch {
    throw new StepFailed('the package @tensorflow/tfjs-node-gpu is not installed')
  }
}

function report({ version, gpu }, how) {
  say(`TensorFlow ${version} is ready, ${how}${gpu ? ', on the GPU' : ''}.`)
}

try {
  await provision(process.env)
} catch (error) {
  const remedy =
    error.remedy ?? 'Run `npm run install` again to retry; `npm run bilevel -- doctor` tells more.'
  say(`not available: ${error.message}. The slower WebAssembly engine will be used. ${remedy}`)
}
process.exit(0)

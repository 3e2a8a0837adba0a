// Gives @tensorflow/tfjs-node-gpu a current TensorFlow and an addon compiled against it: what is in place already,
// else from the cache, else from the wheels (docs/adr/0003-native-tensorflow-from-wheels.md).
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { ADDON_PATH, buildAddon } from './addon.mjs'
import { installArchive } from './archive.mjs'
import { intact, matches, NativeCache, readEntry } from './cache.mjs'
import { place, remove } from './placement.mjs'
import { ARCHIVE_VERSION, plans, TENSORFLOW_VERSION } from './plan.mjs'
import { downloadWheels, findPip, wheelsIn } from './pip.mjs'
import { probe } from './probe.mjs'
import { StepFailed } from './program.mjs'
import { say } from './progress.mjs'
import { unpackNvidia, unpackTensorFlow, wheelVersion } from './wheel.mjs'

const PLATFORM = `${process.platform}-${process.arch}`
const require = createRequire(import.meta.url)

/** @throws StepFailed, or what the file system throws */
export async function installNative() {
  const wish = process.env.BILEVEL_NATIVE || 'auto'
  if (wish === 'skip') {
    say('skipped (BILEVEL_NATIVE=skip); the workbench will compute on WebAssembly.')
    return
  }
  if (!['auto', 'cpu', 'cuda'].includes(wish)) {
    say(`BILEVEL_NATIVE=${wish} is not known (auto, cpu, cuda, skip); going on as with auto`)
  }
  const started = Date.now()
  const target = targetPackage()
  const possible = plans(process.env)
  if (possible.length === 0) throw new StepFailed(`TensorFlow publishes nothing for ${PLATFORM}`)
  const cache = NativeCache.open()
  try {
    for (const [index, plan] of possible.entries()) {
      try {
        const { version, gpu, how } = await install(plan, target, cache)
        const device = gpu ? 'GPU' : plan.build === 'cuda' ? 'CUDA build, but no usable GPU: CPU' : 'CPU'
        say(`${version} is ready (${device}; ${how}, ${((Date.now() - started) / 1000).toFixed(1)} s).`)
        return
      } catch (error) {
        if (index === possible.length - 1) throw error
        say(`${plan.build} build: ${error.message}; trying the ${possible[index + 1].build} build`)
      }
    }
  } finally {
    cache.close()
  }
}

/** The package to complete: BILEVEL_NATIVE_TARGET names another copy of it (the tests' own). */
function targetPackage() {
  let folder = process.env.BILEVEL_NATIVE_TARGET
  try {
    folder ||= path.dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json'))
    const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))
    return { folder, version }
  } catch {
    throw new StepFailed('the package @tensorflow/tfjs-node-gpu is not installed', 'Run `npm ci` first.')
  }
}

async function install(plan, target, cache) {
  const present = readEntry(path.join(target.folder, 'deps'))
  if (present && matches(present, plan, PLATFORM, target.version) && intact(target.folder, present)) {
    try {
      return { ...(await probe(path.join(target.folder, ADDON_PATH))), how: 'already in place' }
    } catch {
      say('what is in place does not load; installing it anew')
    }
  }
  const preferred = plan.source === 'wheel' ? TENSORFLOW_VERSION : ARCHIVE_VERSION
  for (const { folder, entry } of cache.find(plan, PLATFORM, target.version, preferred)) {
    try {
      return { ...(await placeAndProbe(folder, entry, target, cache)), how: `from ${folder}` }
    } catch (error) {
      say(`the cached copy is of no use here (${error.message}); fetching it anew`)
      rmSync(folder, { recursive: true, force: true })
    }
  }
  say(`installing the ${plan.build === 'cuda' ? 'CUDA' : 'CPU'} build (${plan.why})`)
  const stage = cache.stage()
  const cleanUp = () => rmSync(stage, { recursive: true, force: true })
  process.once('exit', cleanUp)
  try {
    const { folder, entry } = await obtain(plan, target, cache, stage)
    return { ...(await placeAndProbe(folder, entry, target, cache)), how: 'downloaded and compiled' }
  } finally {
    cleanUp()
    process.removeListener('exit', cleanUp)
  }
}

async function placeAndProbe(folder, entry, target, cache) {
  const addon = place(folder, entry, target.folder, cache.lasting)
  try {
    return await probe(addon)
  } catch (error) {
    remove(target.folder)
    throw error
  }
}

/** Fetches, unpacks, compiles and publishes in the cache. */
async function obtain(plan, target, cache, stage) {
  const build = path.join(stage, 'build')
  mkdirSync(build)
  const tensorflow =
    plan.source === 'wheel'
      ? await obtainWheels(plan, target, stage, build)
      : await installArchive(plan, target.folder, target.version, build).then(() => ARCHIVE_VERSION)
  const entry = path.join(stage, 'entry')
  for (const part of ['deps/lib', 'deps/nvidia', path.dirname(ADDON_PATH)]) {
    if (!existsSync(path.join(build, part))) continue
    mkdirSync(path.dirname(path.join(entry, part)), { recursive: true })
    renameSync(path.join(build, part), path.join(entry, part))
  }
  const { source, build: kind } = plan
  return cache.publish(entry, { source, build: kind, tensorflow, platform: PLATFORM, addon: target.version })
}

async function obtainWheels(plan, target, stage, build) {
  const source = await wheelSource(stage)
  const name = plan.build === 'cuda' || process.arch === 'arm64' ? 'tensorflow' : 'tensorflow-cpu'
  const [wheel] = await source([`${name}==${TENSORFLOW_VERSION}`]).catch((error) => {
    if (!/no matching distribution|could not find a version|no wheel/i.test(error.message)) throw error
    say(`${name} ${TENSORFLOW_VERSION} is not to be had; taking the release that is offered`)
    return source([name])
  })
  const deps = path.join(build, 'deps')
  const libraries = path.join(deps, 'lib')
  const started = Date.now()
  say('unpacking the libraries')
  const nvidia = await unpackTensorFlow(wheel, libraries, path.join(deps, 'include'))
  symlinkSync('libtensorflow_cc.so.2', path.join(libraries, 'libtensorflow.so'))
  symlinkSync('libtensorflow_framework.so.2', path.join(libraries, 'libtensorflow_framework.so'))
  const compiled = buildAddon(target.folder, build)
  // The addon compiles while NVIDIA's libraries, if any, arrive.
  const [cuda] = await Promise.allSettled([
    plan.build === 'cuda' ? source(nvidia).then((files) => unpackNvidia(files, deps)) : undefined,
    compiled
  ])
  if (cuda.status === 'rejected') throw cuda.reason
  await compiled
  say(`unpacked and compiled in ${((Date.now() - started) / 1000).toFixed(1)} s`)
  return wheelVersion(wheel)
}

/** Where wheels come from: a folder named by BILEVEL_NATIVE_WHEELS, or pip. */
async function wheelSource(stage) {
  const folder = process.env.BILEVEL_NATIVE_WHEELS
  if (folder) {
    const offered = existsSync(folder) ? wheelsIn(folder) : []
    const architecture = process.arch === 'arm64' ? 'aarch64' : 'x86_64'
    return async (requirements) =>
      requirements.map((requirement) => {
        const [, name, pin] = /^([\w-]+)(?:==([\w.]+))?/.exec(requirement)
        const start = `${name.replaceAll('-', '_')}-${pin ? `${pin}-` : ''}`
        const found = offered.find(
          (file) => path.basename(file).startsWith(start) && file.includes(architecture)
        )
        if (!found) throw new StepFailed(`${folder} holds no wheel for ${requirement} on ${architecture}`)
        return found
      })
  }
  const pip = await findPip()
  let downloads = 0
  return (requirements) => {
    const target = path.join(stage, `wheels-${downloads++}`)
    mkdirSync(target)
    return downloadWheels(pip, requirements, target)
  }
}

// Takes from TensorFlow's wheels what the addon needs: two libraries, the headers it includes, and for CUDA the
// libraries of NVIDIA's wheels.
import { createWriteStream, mkdirSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import yauzl from 'yauzl'
import { StepFailed } from './program.mjs'

/** Folder inside the wheel whose content becomes `deps/include`. */
const INCLUDE = 'tensorflow/include/'

/** What the addon's sources include; the headers these include are found by reading them. */
const FIRST_HEADERS = [
  'tensorflow/c/c_api.h',
  'tensorflow/c/eager/c_api.h',
  'tensorflow/c/tf_datatype.h',
  'tensorflow/c/tf_status.h',
  'tensorflow/c/tf_tensor.h',
  'tensorflow/core/platform/ctstring_internal.h'
]

const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']

/** An opened wheel with its table of contents. */
class Wheel {
  constructor(file, zip, entries) {
    this.file = file
    this.zip = zip
    /** @type {Map<string, import('yauzl').Entry>} */
    this.entries = entries
  }

  static async open(file) {
    const zip = await yauzl.openPromise(file, { autoClose: false })
    const entries = new Map()
    for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry)
    return new Wheel(file, zip, entries)
  }

  async read(name) {
    return buffer(await this.zip.openReadStreamPromise(this.entries.get(name)))
  }

  async extract(name, target) {
    mkdirSync(path.dirname(target), { recursive: true })
    // Not writable: these files are linked from a cache into several installations.
    await pipeline(
      await this.zip.openReadStreamPromise(this.entries.get(name)),
      createWriteStream(target, { mode: 0o555 })
    )
  }

  close() {
    this.zip.close()
  }
}

/**
 * @param {string} file a `tensorflow` or `tensorflow-cpu` wheel
 * @param {string} libraryFolder receives the two libraries and their linker names
 * @param {string} includeFolder receives the headers
 * @returns {Promise<string[]>} the requirements of the wheel's `and-cuda` extra, as pip writes them
 */
export async function unpackTensorFlow(file, libraryFolder, includeFolder) {
  const wheel = await Wheel.open(file)
  try {
    for (const name of LIBRARIES) {
      if (!wheel.entries.has(`tensorflow/${name}`)) {
        throw new StepFailed(`${path.basename(file)} has no ${name}`)
      }
    }
    await Promise.all([
      ...LIBRARIES.map((name) => wheel.extract(`tensorflow/${name}`, path.join(libraryFolder, name))),
      unpackHeaders(wheel, includeFolder)
    ])
    return await cudaRequirements(wheel)
  } finally {
    wheel.close()
  }
}

/**
 * TensorFlow 2.21 opens NVIDIA's libraries from libtensorflow_framework, whose search path has every component's
 * folder but cuSOLVER's; and where one is not found, it uses no card at all. So cuSOLVER lies beside cuSPARSE too,
 * which it needs itself and finds by `$ORIGIN/../../<component>/lib` from either place.
 */
const FOUND_BESIDE = { cusolver: 'cusparse' }

/**
 * NVIDIA's wheels keep their files below `nvidia/<component>/`. TensorFlow's CUDA libraries carry the search
 * path `$ORIGIN/../nvidia/<component>/lib`, so beside `lib` they are found without LD_LIBRARY_PATH.
 * @param {readonly string[]} files wheels
 * @param {string} folder the parent of `nvidia`
 */
export async function unpackNvidia(files, folder) {
  for (const file of files) {
    const wheel = await Wheel.open(file)
    try {
      for (const name of wheel.entries.keys()) {
        if (name.endsWith('/') || !/^nvidia\/[^/]+\/(lib|bin|nvvm)\//.test(name)) continue
        await wheel.extract(name, path.join(folder, name))
        linkBeside(name, folder)
      }
    } finally {
      wheel.close()
    }
  }
}

function linkBeside(name, folder) {
  const [, component, part, library] = name.split('/')
  const other = FOUND_BESIDE[component]
  if (!other || part !== 'lib' || !/\.so(\.|$)/.test(library)) return
  const link = path.join(folder, 'nvidia', other, 'lib', library)
  mkdirSync(path.dirname(link), { recursive: true })
  symlinkSync(path.posix.join('..', '..', component, 'lib', library), link)
}

/** The version in a wheel's file name. */
export function wheelVersion(file) {
  const version = path.basename(file).split('-')[1]
  if (!version) throw new StepFailed(`${path.basename(file)} is not named as wheels are`)
  return version
}

async function unpackHeaders(wheel, includeFolder) {
  const wanted = [...FIRST_HEADERS]
  const seen = new Set()
  while (wanted.length > 0) {
    const header = wanted.pop()
    if (seen.has(header) || !wheel.entries.has(INCLUDE + header)) continue
    seen.add(header)
    const text = (await wheel.read(INCLUDE + header)).toString('utf8')
    for (const [, included] of text.matchAll(/^\s*#\s*include\s+["<]([^">]+)[">]/gm)) {
      wanted.push(included, path.posix.join(path.posix.dirname(header), included))
    }
    await wheel.extract(INCLUDE + header, path.join(includeFolder, header))
  }
}

async function cudaRequirements(wheel) {
  const metadata = [...wheel.entries.keys()].find((name) => name.endsWith('.dist-info/METADATA'))
  if (!metadata) return []
  const text = (await wheel.read(metadata)).toString('utf8')
  return [...text.matchAll(/^Requires-Dist:\s*(nvidia-[^;]+?)\s*;[^\n]*and-cuda/gm)].map(([, spec]) =>
    spec.replace(/[()\s]/g, '')
  )
}

// All that is shipped with the product: packages by the lock file, and what does not come as a package.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

const TEXTS = path.join(import.meta.dirname, 'texts')

/**
 * @typedef {{ name: string, version: string, license: string | undefined, folder?: string, text?: string, home?: string }} Component
 */

/**
 * Packages that are no development tools, of every system. A superset of what an installer holds, which leaves out what
 * only the command line needs.
 * @param {string} root of the project
 * @returns {Component[]}
 */
export function lockedPackages(root) {
  const { packages } = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'))
  return Object.entries(packages)
    .filter(([folder, entry]) => folder !== '' && !entry.dev && !entry.devOptional && !entry.link)
    .map(([folder, { version, license }]) => ({
      name: folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version,
      license,
      folder
    }))
}

/** Those that lie in node_modules here, once each. @returns {Component[]} */
export function installedPackages(root) {
  const seen = new Set()
  return lockedPackages(root).filter(({ name, version, folder }) => {
    const key = `${name}@${version}`
    if (seen.has(key) || !existsSync(path.join(root, folder, 'package.json'))) return false
    seen.add(key)
    return true
  })
}

/** What is shipped and is no package. @returns {Component[]} */
export function otherComponents(root) {
  const own = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
  return [
    {
      name: 'Bilevel Workbench',
      version: own.version,
      license: own.license,
      text: readFileSync(path.join(root, 'LICENSE'), 'utf8')
    },
    {
      name: 'Electron',
      version: own.devDependencies.electron,
      license: 'MIT',
      home: 'https://www.electronjs.org',
      text: 'In the desktop program, with Chromium and Node.js. Its licence is the file LICENSE.electron.txt beside the program; those of Chromium and all that is in it are in LICENSES.chromium.html there.'
    },
    {
      name: 'TensorFlow',
      version: tensorflowVersion(root),
      license: 'Apache-2.0',
      home: 'https://www.tensorflow.org',
      text: readFileSync(path.join(root, 'LICENSE'), 'utf8')
    },
    {
      name: 'Optical Recognition of Handwritten Digits',
      version: '1998',
      license: 'CC-BY-4.0',
      text: readFileSync(path.join(root, 'resources/samples/digits/ATTRIBUTION.txt'), 'utf8')
    }
  ]
}

/** Of the native build in place here; the one that is asked for where there is none. */
function tensorflowVersion(root) {
  try {
    const entry = path.join(root, 'node_modules/@tensorflow/tfjs-node-gpu/deps/entry.json')
    return JSON.parse(readFileSync(entry, 'utf8')).tensorflow
  } catch {
    return '2.21.0'
  }
}

const NAMES = /^(licen[cs]e|copying|notice|third.?party|authors)/i

/** The texts that a component brings, the licence first; where it brings none, that of its licence. */
export function textsOf(root, component) {
  const { folder, text } = component
  if (text !== undefined) return text.trim()
  const inside = path.join(root, folder)
  const texts = readdirSync(inside, { withFileTypes: true })
    .filter((entry) => entry.isFile() && NAMES.test(entry.name))
    .map(({ name }) => name)
    .sort((a, b) => Number(!/^licen/i.test(a)) - Number(!/^licen/i.test(b)) || a.localeCompare(b))
    .map((name) => readFileSync(path.join(inside, name), 'utf8').trim())
  return (texts.length > 0 ? texts : standardTexts(root, component)).join('\n\n')
}

function standardTexts(root, { name, license, folder }) {
  if (license === 'Apache-2.0') return [readFileSync(path.join(root, 'LICENSE'), 'utf8')]
  if (license?.includes('LGPL-3.0')) {
    // What libvips is made of stands in its README; the LGPL is written as additions to the GPL.
    return [
      readFileSync(path.join(root, folder, 'README.md'), 'utf8').trim(),
      ...['LGPL-3.0', 'GPL-3.0'].map((one) => readFileSync(path.join(TEXTS, `${one}.txt`), 'utf8').trim())
    ]
  }
  const { author } = JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8'))
  const holder = typeof author === 'string' ? author : (author?.name ?? `the authors of ${name}`)
  return [`Copyright (c) ${holder}`, readFileSync(path.join(TEXTS, 'MIT.txt'), 'utf8').trim()]
}

/** Where a package is at home. @returns {string | undefined} */
export function homeOf(root, { folder, home }) {
  if (home !== undefined || folder === undefined) return home
  const { homepage, repository } = JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8'))
  const address = homepage ?? (typeof repository === 'string' ? repository : repository?.url)
  return /^(git\+)?https?:/.test(address ?? '')
    ? address.replace(/^git\+/, '').replace(/\.git$/, '')
    : undefined
}

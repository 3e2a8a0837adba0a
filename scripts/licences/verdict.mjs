// Which licences may be shipped: those listed here, in SPDX's words. Whatever else, or none, fails a test until a person
// has looked at it.

/** Permissive: what they ask for is that their text comes along, which licences.json does. */
const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'CC-BY-4.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Python-2.0',
  'Unicode-3.0',
  'Unlicense',
  'Zlib'
])

const LIBVIPS =
  'libvips is a shared library in a file of its own that anybody can replace, as the LGPL asks; its source is at https://github.com/lovell/sharp-libvips'

/** Packages with another licence that are shipped nevertheless, and why they may be. */
export const EXCEPTIONS = [
  { name: /^@img\/sharp-libvips-/, license: 'LGPL-3.0-or-later', why: LIBVIPS },
  // On Windows, and as WebAssembly, sharp and libvips come in one package.
  { name: /^@img\/sharp-win32-/, license: 'Apache-2.0 AND LGPL-3.0-or-later', why: LIBVIPS },
  { name: /^@img\/sharp-wasm32$/, license: 'Apache-2.0 AND LGPL-3.0-or-later AND MIT', why: LIBVIPS }
]

/**
 * @param {{ name: string, license: string | undefined }} component
 * @returns {string | undefined} why it must not be shipped; undefined where it may be
 */
export function objection({ name, license }) {
  if (!license) return `${name} states no licence`
  if (EXCEPTIONS.some((one) => one.name.test(name) && one.license === license)) return undefined
  return allows(license) ? undefined : `${name} is under ${license}`
}

/** An SPDX expression without nested parentheses: one side of an OR is enough, all of an AND are needed. */
function allows(expression) {
  const plain = expression.replace(/^\((.*)\)$/, '$1')
  if (/[()]/.test(plain)) return false
  return plain
    .split(/\s+OR\s+/)
    .some((side) => side.split(/\s+AND\s+/).every((licence) => ALLOWED.has(licence.trim())))
}

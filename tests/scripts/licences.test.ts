import { expect, test } from 'vitest'
import {
  installedPackages,
  lockedPackages,
  otherComponents,
  textsOf
} from '../../scripts/licences/components.mjs'
import { EXCEPTIONS, objection } from '../../scripts/licences/verdict.mjs'
import { PROJECT } from '@support/command'

const locked = lockedPackages(PROJECT)

test('nothing is shipped under a licence that nobody has agreed to, on any system', () => {
  expect(locked.length).toBeGreaterThan(200)
  expect([...locked, ...otherComponents(PROJECT)].flatMap((one) => objection(one) ?? [])).toEqual([])
})

test('each exception is needed and explained', () => {
  for (const { name, license, why } of EXCEPTIONS) {
    expect(
      locked.some((one) => name.test(one.name) && one.license === license),
      String(name)
    ).toBe(true)
    expect(why.length).toBeGreaterThan(40)
  }
})

test.each([
  ['MIT', undefined],
  ['(MIT OR GPL-3.0-only)', undefined],
  ['Apache-2.0 AND MIT', undefined],
  ['(BSD-3-Clause AND Apache-2.0)', undefined],
  ['GPL-3.0-only', 'other is under GPL-3.0-only'],
  ['AGPL-3.0-or-later', 'other is under AGPL-3.0-or-later'],
  ['MIT AND GPL-2.0-only', 'other is under MIT AND GPL-2.0-only'],
  ['LGPL-3.0-or-later', 'other is under LGPL-3.0-or-later'],
  ['SEE LICENSE IN LICENSE.md', 'other is under SEE LICENSE IN LICENSE.md'],
  ['UNLICENSED', 'other is under UNLICENSED'],
  ['(MIT OR (GPL-3.0-only AND MIT))', 'other is under (MIT OR (GPL-3.0-only AND MIT))'],
  ['', 'other states no licence'],
  [undefined, 'other states no licence']
])('a component under %s', (license, expected) => {
  expect(objection({ name: 'other', ...(license === undefined ? {} : { license }) })).toBe(expected)
})

test('an exception holds for the package it names, under the licence it names', () => {
  const libvips = '@img/sharp-libvips-linux-x64'
  expect(objection({ name: libvips, license: 'LGPL-3.0-or-later' })).toBeUndefined()
  expect(objection({ name: libvips, license: 'AGPL-3.0-only' })).toBe(`${libvips} is under AGPL-3.0-only`)
})

test('every component here brings a text, that of libvips the LGPL and the GPL that it adds to', () => {
  const here = [...otherComponents(PROJECT), ...installedPackages(PROJECT)]
  expect(here.filter((one) => textsOf(PROJECT, one).length < 100).map(({ name }) => name)).toEqual([])
  const libvips = here.find(({ name }) => name.startsWith('@img/sharp-libvips'))
  if (libvips) {
    expect(textsOf(PROJECT, libvips)).toMatch(/GNU LESSER GENERAL PUBLIC LICENSE\s+Version 3/)
    expect(textsOf(PROJECT, libvips)).toMatch(/GNU GENERAL PUBLIC LICENSE\s+Version 3/)
  }
})

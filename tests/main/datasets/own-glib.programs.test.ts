import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { sharpLibraries } from '@main/datasets/pictures/own-glib'
import { PROJECT, temporaryFolder } from '@support/command'

/** A GLib of the system's, which Electron on Linux loads before anything else. */
const SYSTEMS = [
  '/lib/x86_64-linux-gnu',
  '/lib/aarch64-linux-gnu',
  '/usr/lib64',
  '/usr/lib/x86_64-linux-gnu',
  '/usr/lib'
]
  .map((folder) => path.join(folder, 'libgobject-2.0.so.0'))
  .find((file) => existsSync(file))

const missing =
  process.platform !== 'linux' ? 'Linux' : SYSTEMS === undefined ? "a GLib of the system's" : undefined

const DECODES = `
const { default: sharp } = await import('sharp')
const picture = { create: { width: 3, height: 2, channels: 3, background: 'teal' } }
const { length } = await sharp(await sharp(picture).jpeg().toBuffer()).raw().toBuffer()
if (length !== 18) throw new Error('decoded to ' + length + ' bytes')`

const OWN_GLIB = path.join(PROJECT, 'src/main/datasets/pictures/own-glib.ts')

/** Where the dynamic loader found names, as "user > name > provider", while a program decodes a picture beside another GLib. */
function bindings(program: string): string[] {
  const dir = temporaryFolder()
  try {
    const written = path.join(dir, 'bindings')
    execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module'], {
      cwd: PROJECT,
      input: program,
      stdio: 'pipe',
      env: { ...process.env, LD_PRELOAD: SYSTEMS, LD_DEBUG: 'bindings', LD_DEBUG_OUTPUT: written }
    })
    const line = /binding file (\S+) \[\d+\] to (\S+) \[\d+\]: normal symbol `([^']+)'/g
    return readdirSync(dir).flatMap((name) =>
      [...readFileSync(path.join(dir, name), 'utf8').matchAll(line)].map(
        ([, user, provider, symbol]) => `${path.basename(user!)} > ${symbol} > ${path.basename(provider!)}`
      )
    )
  } finally {
  }
}

describe.skipIf(missing !== undefined)(
  `sharp beside the system's GLib${missing ? ` (skipped: needs ${missing})` : ''}`,
  () => {
    const addon = path.basename(sharpLibraries().addon)
    const libvips = path.basename(sharpLibraries().libvips)
    const ofAddon = (lines: readonly string[]): string[] =>
      lines.filter((line) => line.startsWith(`${addon} > g_`)).map((line) => line.split(' > ')[2]!)

    test('as it is imported plainly it takes functions of the system', () => {
      expect(ofAddon(bindings("await import('sharp')"))).toContain('libglib-2.0.so.0')
    })

    test('bound first, it takes those of libvips alone; libvips keeps the scope of the process', () => {
      const lines = bindings(
        `import { bindSharpToItsGlib } from ${JSON.stringify(OWN_GLIB)}\nbindSharpToItsGlib()\n${DECODES}`
      )
      expect(lines).toContain(`${addon} > g_object_ref > ${libvips}`)
      expect([...new Set(ofAddon(lines))]).toEqual([libvips])
      // Told by a table that both have: else its allocator would be another than the C library's, where a program has its own.
      expect(lines).toContain(`${libvips} > g_ascii_table > libglib-2.0.so.0`)
    })
  }
)

import { spawn } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { temporaryFolder } from '@support/command'
import { makeWheel, TENSORFLOW_FILES } from '@support/wheel'

const PROGRAM = path.resolve(import.meta.dirname, '../../scripts/native/provision.mjs')
const PACKAGE = path.dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-node-gpu/package.json'))
const ADDON = 'lib/napi-v8/tfjs_binding.node'
const WHEEL = 'tensorflow_cpu-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl'

let scratch: string
let target: string
let tools: string

/** A copy of the package without its libraries, a cache of its own, and a PATH with nothing on it. */
beforeEach(() => {
  scratch = temporaryFolder()
  target = path.join(scratch, 'package')
  tools = path.join(scratch, 'tools')
  mkdirSync(target)
  mkdirSync(tools)
  for (const part of ['package.json', 'binding', 'binding.gyp']) {
    cpSync(path.join(PACKAGE, part), path.join(target, part), { recursive: true })
  }
})

function provision(env: Record<string, string> = {}): Promise<{ code: number | null; lines: string[] }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM], {
      env: {
        PATH: tools,
        HOME: scratch,
        BILEVEL_CACHE: path.join(scratch, 'cache'),
        BILEVEL_NATIVE_TARGET: target,
        BILEVEL_NATIVE: 'cpu',
        ...env
      },
      stdio: ['ignore', 'ignore', 'pipe']
    })
    let text = ''
    child.stderr.on('data', (chunk) => (text += String(chunk)))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, lines: text.trim().split('\n') }))
  })
}

/** A program on the PATH. */
function tool(name: string, script: string): void {
  writeFileSync(path.join(tools, name), `#!/bin/sh\n${script}\n`)
  chmodSync(path.join(tools, name), 0o755)
}

/** Installation went on, the last line says why and what then, and the package was not touched. */
async function expectFallback(env: Record<string, string>, reason: RegExp): Promise<void> {
  const { code, lines } = await provision(env)
  expect(code).toBe(0)
  expect(lines.at(-1)).toMatch(reason)
  expect(lines.at(-1)).toContain('will compute on WebAssembly')
  expect(lines.at(-1)).toMatch(/npm (run install|ci)`/)
  expect(lines.join('\n')).not.toMatch(/^\s+at /m)
  expect(readdirSync(target).sort()).toEqual(['binding', 'binding.gyp', 'package.json'])
  const cache = path.join(scratch, 'cache', 'native')
  if (existsSync(cache)) expect(readdirSync(cache)).toEqual([])
}

describe('provisioning ends well', () => {
  test('when it is to be skipped', async () => {
    const { code, lines } = await provision({ BILEVEL_NATIVE: 'skip' })
    expect(code).toBe(0)
    expect(lines).toEqual([expect.stringMatching(/skipped \(BILEVEL_NATIVE=skip\).*WebAssembly/)])
    expect(existsSync(path.join(scratch, 'cache'))).toBe(false)
  })

  test('without the package', () => {
    target = path.join(scratch, 'nothing')
    mkdirSync(target)
    return provision().then(({ code, lines }) => {
      expect(code).toBe(0)
      expect(lines.at(-1)).toMatch(/tfjs-node-gpu is not installed.*WebAssembly.*npm ci/)
    })
  })

  test.skipIf(process.platform !== 'linux').each([
    ['without Python', () => {}, /neither Python nor pip was found/],
    [
      'with a Python that lacks pip',
      () => tool('python3', 'echo "/usr/bin/python3: No module named pip" >&2; exit 1'),
      /Python is there, but its pip is not/
    ],
    [
      'offline',
      () =>
        tool(
          'python3',
          'case "$*" in *--version*) exit 0;; esac; echo "WARNING: Retrying after connection broken by NewConnectionError" >&2; echo "ERROR: Could not find a version that satisfies the requirement (from versions: none)" >&2; exit 1'
        ),
      /package index cannot be reached/
    ],
    [
      'where pip has no wheel for this machine',
      () =>
        tool(
          'python3',
          'case "$*" in *--version*) exit 0;; esac; echo "ERROR: No matching distribution found for tensorflow-cpu" >&2; exit 1'
        ),
      /No matching distribution/
    ]
  ] as const)('%s', async (_, prepare, reason) => {
    prepare()
    await expectFallback({}, reason)
  })

  test.skipIf(process.platform !== 'linux')('with a folder that has no wheels, or a broken one', async () => {
    const wheels = path.join(scratch, 'wheels')
    await expectFallback({ BILEVEL_NATIVE_WHEELS: wheels }, /holds no wheel for tensorflow-cpu/)
    mkdirSync(wheels)
    writeFileSync(
      path.join(wheels, WHEEL.replace('x86_64', process.arch === 'x64' ? 'x86_64' : 'aarch64')),
      'PK'
    )
    await expectFallback({ BILEVEL_NATIVE_WHEELS: wheels }, /not installed: .+ The workbench/)
  })

  test.skipIf(process.platform !== 'linux' || process.arch !== 'x64')(
    'where the addon does not compile',
    async () => {
      const wheels = path.join(scratch, 'wheels')
      mkdirSync(wheels)
      await makeWheel(wheels, WHEEL, TENSORFLOW_FILES)
      await expectFallback(
        { BILEVEL_NATIVE_WHEELS: wheels, PATH: process.env['PATH'] ?? '' },
        /the addon did not compile.*C\+\+ compiler/
      )
    }
  )
})

const installed = z
  .object({ build: z.string(), files: z.array(z.object({ path: z.string(), size: z.number() })) })
  .safeParse(readInstalled())

function readInstalled(): unknown {
  const file = path.join(PACKAGE, 'deps', 'entry.json')
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}

describe.skipIf(!installed.success || installed.data.build !== 'cpu')(
  'the cache (needs the CPU build of native TensorFlow in node_modules)',
  () => {
    let entry: string
    let addon: string

    /** A cache with one entry, made of what is installed. */
    beforeEach(() => {
      entry = path.join(scratch, 'cache', 'native', 'tensorflow-test')
      addon = path.join(entry, ADDON)
      for (const { path: file } of installed.data!.files) {
        const from = path.join(PACKAGE, file)
        const to = path.join(entry, file)
        mkdirSync(path.dirname(to), { recursive: true })
        if (lstatSync(from).isSymbolicLink() && !path.isAbsolute(readlinkSync(from)))
          symlinkSync(readlinkSync(from), to)
        else link(from, to)
      }
      cpSync(path.join(PACKAGE, 'deps', 'entry.json'), path.join(entry, 'entry.json'))
    })

    test('gives a working TensorFlow without network, Python or compiler, and is not fetched again', async () => {
      const first = await provision()
      expect(first.code).toBe(0)
      expect(first.lines).toEqual([expect.stringMatching(/is ready \(CPU; from .*tensorflow-test/)])
      expect(existsSync(path.join(target, ADDON))).toBe(true)
      const second = await provision()
      expect(second.lines).toEqual([expect.stringMatching(/is ready \(CPU; already in place/)])
    })

    test('a link that points nowhere, left by a cleared cache, is replaced', async () => {
      symlinkSync(path.join(scratch, 'gone'), path.join(target, 'deps'))
      expect((await provision()).lines.at(-1)).toMatch(/is ready/)
    })

    test('an addon that does not load is thrown away, not installed', async () => {
      const facts = JSON.parse(readFileSync(path.join(entry, 'entry.json'), 'utf8')) as {
        files: { path: string; size: number }[]
      }
      const garbage = 'not an addon'
      replace(addon, garbage)
      for (const file of facts.files) if (file.path === ADDON) file.size = garbage.length
      writeFileSync(path.join(entry, 'entry.json'), JSON.stringify(facts))
      const { code, lines } = await provision()
      expect(code).toBe(0)
      expect(lines[0]).toMatch(/the cached copy is of no use here \(TensorFlow does not load/)
      expect(lines.at(-1)).toMatch(/neither Python nor pip.*WebAssembly/)
      expect(existsSync(entry)).toBe(false)
      expect(existsSync(path.join(target, ADDON))).toBe(false)
    })

    test('an entry with a file of another size is not used', async () => {
      replace(addon, 'cut off')
      expect((await provision()).lines.at(-1)).toMatch(/not installed: neither Python nor pip/)
    })
  }
)

/** Written beside and renamed: the file may be a hard link to the one in node_modules. */
function replace(file: string, text: string): void {
  writeFileSync(`${file}.new`, text)
  renameSync(`${file}.new`, file)
}

function link(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch {
    symlinkSync(from, to)
  }
}

import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { productVersion } from '@main/files/product'
import { PlaceStore } from '@main/runs/places/place-store'
import { bilevel, temporaryFolder } from '@support/command'

// What the command line says of a place where something is wrong. The other side of the stand-in for ssh has a PATH of its
// own: what is not in `far` is not there.

const PROGRAMS = ['sh', 'cat', 'mkdir', 'mv', 'rm', 'tail', 'sed', 'sleep']

let dir: string
const before = process.env['PATH']
const at = (...parts: string[]): string => path.join(dir, ...parts)

function program(file: string, body: string): void {
  writeFileSync(file, `#!/bin/sh\n${body}\n`)
  chmodSync(file, 0o755)
}

beforeEach(() => {
  dir = temporaryFolder()
  for (const folder of ['near', 'far', 'workspace']) mkdirSync(at(folder))
  for (const name of PROGRAMS) {
    const found = (before ?? '').split(path.delimiter).map((folder) => path.join(folder, name))
    symlinkSync(
      found.find((file) => existsSync(file))!,
      at('far', name)
    )
  }
  program(
    at('near', 'ssh'),
    `while [ $# -gt 2 ]; do shift; done; cd /; LC_ALL=C PATH=${at('far')} exec sh -c "$2"`
  )
  program(at('far', 'sbatch'), `[ "$1" = --version ] && { echo slurm 22.05.8; exit 0; }\nsh; echo 7`)
  program(at('far', 'squeue'), 'exit 0')
  program(at('far', 'hostname'), 'echo node1')
  workbench(productVersion(), 'native')
  process.env['PATH'] = `${at('near')}:${before}`
  new PlaceStore(at('workspace')).save({
    name: 'far',
    login: 'login.example.org',
    folder: at('shared disk'),
    command: 'bilevel',
    partition: null,
    gres: null,
    time: null,
    options: []
  })
})
afterEach(() => {
  process.env['PATH'] = before
})

/** The workbench of the nodes. */
function workbench(version: string, backend: string): void {
  const examination = JSON.stringify({
    backend: { name: backend },
    findings: [{ name: 'native TensorFlow', level: 'note', detail: 'not installed' }]
  })
  program(
    at('far', 'bilevel'),
    `case "$1" in --version) echo '${version}' ;; doctor) echo '${examination}' ;; esac`
  )
}

/** What is said before the last line, for a place where all is well up to there. */
const WELL = ['ok       login: login.example.org', 'ok       Slurm: slurm 22.05.8', 'ok       node: node1']

async function check(how: readonly string[] = ['places', 'check', 'far']) {
  const { code, stdout, stderr } = await bilevel([...how, '--workspace', at('workspace')])
  return { code, stderr, lines: stdout.trim().split('\n') }
}

test('no ssh on this machine', async () => {
  rmSync(at('near', 'ssh'))
  process.env['PATH'] = at('near')
  expect(await check()).toEqual({
    code: 1,
    stderr: '',
    lines: [
      'error    login: login.example.org cannot be reached: there is no ssh on this machine. See that "ssh login.example.org" works without a password.'
    ]
  })
})

test('a login node that refuses', async () => {
  program(at('near', 'ssh'), 'echo "me@login.example.org: Permission denied (publickey)." >&2; exit 255')
  expect((await check()).lines).toEqual([
    'error    login: login.example.org cannot be reached: me@login.example.org: Permission denied (publickey). See that "ssh login.example.org" works without a password.'
  ])
})

test('no sbatch on the login node', async () => {
  rmSync(at('far', 'sbatch'))
  const { code, lines } = await check()
  expect(code).toBe(1)
  expect(lines).toHaveLength(2)
  expect(lines[0]).toBe(WELL[0])
  expect(lines[1]).toMatch(
    /^error {4}Slurm: .*sbatch: .*not found\. Name a machine on which "ssh login\.example\.org sbatch" finds Slurm\.$/
  )
})

test('a folder that may not be written', async () => {
  writeFileSync(at('shared disk'), 'a file')
  const { code, lines } = await check()
  expect(code).toBe(1)
  expect(lines.slice(0, 2)).toEqual(WELL.slice(0, 2))
  expect(lines[2]).toMatch(
    /^error {4}folder: mkdir: .*Not a directory\. Name a folder that you may write and all nodes see\.$/
  )
})

test('a folder that the nodes do not share', async () => {
  // The node has no such folder: what its job writes there comes from nowhere and goes nowhere.
  program(
    at('far', 'sbatch'),
    `[ "$1" = --version ] && { echo slurm 22.05.8; exit 0; }\nsed 's#/shared disk/#/a disk of its own/#g' | sh 2>/dev/null; echo 7`
  )
  expect(await check()).toEqual({
    code: 1,
    stderr: '',
    lines: [
      ...WELL.slice(0, 2),
      'error    job: A job ran, and what it wrote is not in the folder. Name a folder that all nodes and the login node share.'
    ]
  })
})

test('a job that Slurm refuses', async () => {
  program(
    at('far', 'sbatch'),
    `[ "$1" = --version ] && { echo slurm 22.05.8; exit 0; }\necho "sbatch: error: invalid partition specified: gpu" >&2; exit 1`
  )
  expect((await check()).lines.slice(2)).toEqual([
    'error    job: sbatch: error: invalid partition specified: gpu. Change the partition, resources, time or options of the place.'
  ])
})

test('another version on the node', async () => {
  workbench('9.9.9', 'native')
  expect((await check()).lines).toEqual([
    ...WELL,
    'ok       folder: shared',
    `error    version: node1 says "9.9.9", this is ${productVersion()}. Install this version there, or name its command.`
  ])
})

test('no workbench on the node', async () => {
  rmSync(at('far', 'bilevel'))
  const { code, lines } = await check()
  expect(code).toBe(1)
  expect(lines.at(-1)).toMatch(/^error {4}version: node1 says ".*bilevel: .*not found", this is /)
})

test('no native TensorFlow on the node is a warning, and nothing in the way', async () => {
  workbench(productVersion(), 'wasm')
  expect(await check()).toEqual({
    code: 0,
    stderr: '',
    lines: [
      ...WELL,
      'ok       folder: shared',
      `ok       version: ${productVersion()}`,
      'warning  TensorFlow: The node has no native TensorFlow: runs take WebAssembly, several times slower. Run "bilevel doctor" on a node.'
    ]
  })
})

test('doctor for a place is the same check, and leaves nothing there', async () => {
  const { code, lines } = await check(['doctor', '--place', 'far'])
  expect(code).toBe(0)
  expect(lines).toEqual([
    ...WELL,
    'ok       folder: shared',
    `ok       version: ${productVersion()}`,
    'ok       TensorFlow: native'
  ])
  expect(readdirSync(at('shared disk', 'checks'))).toEqual([])
  expect(await bilevel(['doctor', '--place', 'nowhere', '--workspace', at('workspace')])).toMatchObject({
    code: 2,
    stderr: 'bilevel: There is no place "nowhere". See "bilevel places list".\n'
  })
})

import { randomBytes } from 'node:crypto'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { mkdir, rename, rmdir } from 'node:fs/promises'
import { Socket } from 'node:net'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Failure } from '../../../shared/domain/failure'
import { asSentence } from '../../../shared/words/sentences'
import { hashFile } from '../../files/hash-file'
import { DiskFull, endGroup, endOf, quoted, saysFull } from './place-shell'
import type { PlaceShell } from './place-shell'

/** Made anew at the other end: what it says of the files' times holds there only. */
const OWN = ['meta.json', 'content.json']
/** How often to tell what has been sent. */
const TELL_MS = 1000
/** Told the share that has been sent, 0..1. */
type OnSent = (share: number) => void
/** A copy that moves nothing for so long, twice, is broken off and begun again. */
const STALLED_MS = 120_000

/**
 * Copy a dataset into a place, under the name of its content: files that are there with their size are not sent
 * again, and what was sent is compared by SHA-256 before it is given its name.
 * @param folder absolute, on this machine
 * @param target absolute, at the place
 * @throws Failure, Unreachable
 */
export async function sendDataset(
  shell: PlaceShell,
  folder: string,
  target: string,
  contentHash: string,
  onSent: OnSent = () => undefined
): Promise<void> {
  const there = await sizesAt(shell, target)
  const files = filesIn(folder).filter((name) => !OWN.includes(name))
  const missing = files.filter((name) => there.get(name) !== statSync(path.join(folder, name)).size)
  if (missing.length === 0 && there.has('meta.json')) return
  const isNew = !there.has('meta.json')
  const part = isNew ? `${target}.part-${randomBytes(4).toString('hex')}` : target
  await shell.must(`mkdir -p ${quoted(part)}`, 'The folder of the place cannot be written')
  await send(shell, folder, missing, part, onSent)
  // It bears the name of its content there, so that pins find it.
  const meta = {
    ...(JSON.parse(readFileSync(path.join(folder, 'meta.json'), 'utf8')) as object),
    id: contentHash
  }
  await shell.must(`cat > ${quoted(`${part}/meta.json`)}`, 'The data cannot be sent', JSON.stringify(meta))
  if (existsSync(path.join(folder, 'content.json')))
    await shell.must(
      `cat > ${quoted(`${part}/content.json`)}`,
      'The data cannot be sent',
      readFileSync(path.join(folder, 'content.json'), 'utf8')
    )
  if (isNew) await settle(shell, part, target)
}

/**
 * The same for files that are no dataset: all of them in a folder of their content.
 * @throws Failure, Unreachable
 */
export async function sendFiles(
  shell: PlaceShell,
  folder: string,
  files: readonly string[],
  target: string,
  onSent: OnSent = () => undefined
): Promise<void> {
  const there = await sizesAt(shell, target)
  if (files.every((name) => there.get(name) === statSync(path.join(folder, name)).size)) return
  const part = `${target}.part-${randomBytes(4).toString('hex')}`
  await shell.must(`mkdir -p ${quoted(part)}`, 'The folder of the place cannot be written')
  await send(shell, folder, files, part, onSent)
  await settle(shell, part, target)
}

/** Another run may have been faster with the same data. */
async function settle(shell: PlaceShell, part: string, target: string): Promise<void> {
  await shell.must(
    `if [ -d ${quoted(target)} ]; then rm -r ${quoted(part)}; else mv ${quoted(part)} ${quoted(target)}; fi`,
    'The data cannot be sent'
  )
}

async function send(
  shell: PlaceShell,
  folder: string,
  files: readonly string[],
  target: string,
  onSent: OnSent
): Promise<void> {
  const tar = localTar(folder, ['-cf', '-', '--', ...files], 'stdout')
  const remote = shell.spawn(`cd ${quoted(target)} && tar -xf -`)
  const total = files.reduce((sum, name) => sum + statSync(path.join(folder, name)).size, 0)
  const telling = setInterval(() => onSent(Math.min(1, bytesInto(remote) / Math.max(1, total))), TELL_MS)
  try {
    await through({ from: tar, to: remote, remote }, shell, 'The data cannot be sent')
  } finally {
    clearInterval(telling)
  }
  await requireSame(shell, folder, target, files)
}

/**
 * Copy a folder of results back, compared by SHA-256 before it is given its name.
 * @param finish what is still to be done to the copy before that
 * @throws Failure, Unreachable
 */
export async function fetchFolder(
  shell: PlaceShell,
  source: string,
  target: string,
  finish: (part: string) => void
): Promise<void> {
  const part = `${target}.part`
  rmSync(part, { recursive: true, force: true })
  await mkdir(part, { recursive: true })
  const remote = shell.spawn(`cd ${quoted(source)} && tar -cf - .`)
  remote.stdin?.end()
  const tar = localTar(part, ['-xf', '-'], 'stdin')
  await through({ from: remote, to: tar, remote }, shell, 'The results cannot be fetched')
  await requireSame(shell, part, source, filesIn(part))
  finish(part)
  if (existsSync(target)) await rmdir(target)
  await rename(part, target)
}

/** Of the files in a folder of a place, by relative path; empty where there is none. */
async function sizesAt(shell: PlaceShell, folder: string): Promise<Map<string, number>> {
  const listing = await shell.must(
    `[ ! -d ${quoted(folder)} ] || { cd ${quoted(folder)} && find . -type f -printf '%s %P\\n'; }`,
    'The folder of the place cannot be read'
  )
  return new Map(
    listing
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => [line.slice(line.indexOf(' ') + 1), Number(line.slice(0, line.indexOf(' ')))])
  )
}

/** @throws Failure where one differs */
async function requireSame(
  shell: PlaceShell,
  here: string,
  there: string,
  names: readonly string[]
): Promise<void> {
  if (names.length === 0) return
  const listing = await shell.must(
    `cd ${quoted(there)} && tr '\\n' '\\0' | xargs -0 sha256sum`,
    'The copies cannot be compared',
    `${names.join('\n')}\n`
  )
  const sums = new Map(
    listing
      .trim()
      .split('\n')
      .map((line) => [line.slice(66), line.slice(0, 64)])
  )
  for (const name of names) {
    if (sums.get(name) === (await hashFile(path.join(here, name)))) continue
    throw new Failure(
      'refused',
      `${name} arrived otherwise than it was sent.`,
      'Check the disks, then try again.'
    )
  }
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(path.join(folder, name)).isFile())
    .map((name) => name.split(path.sep).join('/'))
    .sort()
}

function bytesInto({ stdin }: ChildProcess): number {
  return stdin instanceof Socket ? stdin.bytesWritten : NaN
}

/** @returns whether nothing went in since it was asked last */
function progressOf(child: ChildProcess): () => boolean {
  let before = -1
  return () => {
    const now = bytesInto(child)
    const isStalled = now === before
    before = now
    return isStalled
  }
}

/** The first thing that tar says, which is the cause; otherwise the last, behind what a login node greets with. */
function reasonIn(said: string): string {
  const lines = said.trim().split('\n')
  return lines.find((line) => line.startsWith('tar: ')) ?? lines.at(-1) ?? ''
}

/**
 * In a folder by its working directory: of what -C names tar reads backslashes as escapes.
 * @param open the stream of it that the other side is bound to
 */
function localTar(cwd: string, args: readonly string[], open: 'stdin' | 'stdout'): ChildProcess {
  const stdio = (name: 'stdin' | 'stdout'): 'pipe' | 'ignore' => (name === open ? 'pipe' : 'ignore')
  return spawn('tar', args, {
    cwd,
    stdio: [stdio('stdin'), stdio('stdout'), 'pipe'],
    env: { ...process.env, LC_ALL: 'C' },
    detached: true
  })
}

async function through(
  { from, to, remote }: { from: ChildProcess; to: ChildProcess; remote: ChildProcess },
  shell: PlaceShell,
  what: string
): Promise<void> {
  const said = new Map([from, to].map((child) => [child, '']))
  const isStalled = progressOf(to)
  const looking = setInterval(() => {
    if (isStalled()) [from, to].forEach(endGroup)
  }, STALLED_MS)
  for (const child of [from, to])
    child.stderr
      ?.setEncoding('utf8')
      .on('data', (text: string) => said.set(child, `${said.get(child)}${text}`.slice(-2000)))
  const ends = Promise.all([endOf(from), endOf(to)])
  to.stdout?.resume()
  await Promise.all([pipeline(from.stdout!, to.stdin!).catch(() => undefined), ends]).finally(() =>
    clearInterval(looking)
  )
  const codes = await ends
  if (codes.every((code) => code === 0)) return
  const [here = '', there = ''] = [remote === from ? to : from, remote].map((child) => said.get(child))
  // Either breaks off where the other one does; a full disk is the cause, wherever it is.
  if (saysFull(here)) throw new DiskFull('here')
  shell.requireReached(remote === from ? codes[0] : codes[1], there)
  throw new Failure(
    'refused',
    asSentence(`${what}: ${reasonIn(there) || reasonIn(here)}`),
    'Check the place.'
  )
}

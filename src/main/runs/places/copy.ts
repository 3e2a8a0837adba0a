import { randomBytes } from 'node:crypto'
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { mkdir, rename, rmdir } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Failure } from '../../../shared/domain/failure'
import { hashFile } from '../../files/hash-file'
import { endOf, quoted } from './place-shell'
import type { PlaceShell } from './place-shell'

/** Made anew at the other end: what it says of the files' times holds there only. */
const OWN = ['meta.json', 'content.json']

/**
 * Copy a dataset into a place, under the name of its content: files that are there with their size are not sent
 * again, and what was sent is compared by SHA-256 before it is given its name.
 * @param folder absolute, on this machine
 * @param target absolute, at the place
 * @returns bytes sent
 * @throws Failure, Unreachable
 */
export async function sendDataset(
  shell: PlaceShell,
  folder: string,
  target: string,
  contentHash: string
): Promise<number> {
  const there = await sizesAt(shell, target)
  const files = filesIn(folder).filter((name) => !OWN.includes(name))
  const missing = files.filter((name) => there.get(name) !== statSync(path.join(folder, name)).size)
  if (missing.length === 0 && there.has('meta.json')) return 0
  const isNew = !there.has('meta.json')
  const part = isNew ? `${target}.part-${randomBytes(4).toString('hex')}` : target
  await shell.must(`mkdir -p ${quoted(part)}`, 'The folder of the place cannot be written')
  const tar = spawn('tar', ['-C', folder, '-cf', '-', '--', ...missing], {
    stdio: ['ignore', 'pipe', 'ignore']
  })
  const remote = shell.spawn(`tar -C ${quoted(part)} -xf -`)
  await through(tar, remote, 'The data cannot be sent')
  await requireSame(shell, folder, part, missing)
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
  // Another run may have been faster with the same data.
  if (isNew)
    await shell.must(
      `if [ -d ${quoted(target)} ]; then rm -r ${quoted(part)}; else mv ${quoted(part)} ${quoted(target)}; fi`,
      'The data cannot be sent'
    )
  return missing.reduce((sum, name) => sum + statSync(path.join(folder, name)).size, 0)
}

/**
 * Copy a folder of results back, compared by SHA-256 before it is given its name.
 * @throws Failure, Unreachable
 */
export async function fetchFolder(shell: PlaceShell, source: string, target: string): Promise<void> {
  const part = `${target}.part`
  rmSync(part, { recursive: true, force: true })
  await mkdir(part, { recursive: true })
  const remote = shell.spawn(`tar -C ${quoted(source)} -cf - .`)
  remote.stdin?.end()
  const tar = spawn('tar', ['-C', part, '-xf', '-'], { stdio: ['pipe', 'ignore', 'ignore'] })
  await through(remote, tar, 'The results cannot be fetched')
  await requireSame(shell, part, source, filesIn(part))
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

async function through(
  from: ReturnType<PlaceShell['spawn']>,
  to: ReturnType<PlaceShell['spawn']>,
  what: string
): Promise<void> {
  let said = ''
  for (const child of [from, to])
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2000)))
  const ends = Promise.all([endOf(from), endOf(to)])
  to.stdout?.resume()
  await Promise.all([pipeline(from.stdout!, to.stdin!).catch(() => undefined), ends])
  const codes = await ends
  if (codes.every((code) => code === 0)) return
  throw new Failure('refused', `${what}: ${said.trim().split('\n').at(-1) ?? ''}.`, 'Check the place.')
}

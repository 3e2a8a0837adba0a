import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import type { Place } from '../../../../shared/domain/place'
import { productVersion } from '../../../files/product'
import { asSentence } from '../../../../shared/words/sentences'
import { PlaceShell, quoted, Unreachable } from '../place-shell'
import { JOBS_QUERY } from './job'

const examined = z.object({ backend: z.object({ name: z.string() }) })

/** How long a job of a few seconds may wait for its turn. */
const JOB_MS = 180_000

/** One thing that a place needs, and what to do where it is missing. */
export interface PlaceFinding {
  readonly name: string
  readonly level: 'ok' | 'warning' | 'error'
  readonly detail: string
  readonly remedy?: string
}

/**
 * Whether runs can be trained at a place, to the first thing that is wrong: from the login node to a job that looks
 * around on a node.
 */
export async function checkPlace(place: Place): Promise<PlaceFinding[]> {
  const shell = new PlaceShell(place)
  const findings: PlaceFinding[] = []
  const ok = (name: string, detail: string): void => void findings.push({ name, level: 'ok', detail })
  const wrong = (name: string, detail: string, remedy: string): PlaceFinding[] => [
    ...findings,
    { name, level: 'error', detail, remedy }
  ]
  const where = place.login ?? 'this machine'
  try {
    await shell.run('true', { patience: 30_000 })
    ok('login', where)
    const slurm = await shell.run(`sbatch --version && ${JOBS_QUERY} >/dev/null`)
    if (slurm.code !== 0)
      return wrong(
        'Slurm',
        asSentence(firstLine(slurm.stderr)),
        place.login === null
          ? 'Name a login node on which sbatch and squeue work.'
          : `Name a machine on which "ssh ${place.login} sbatch" finds Slurm.`
      )
    ok('Slurm', firstLine(slurm.stdout.toString()))
    const mark = randomBytes(8).toString('hex')
    const dir = `${place.folder}/checks/${mark}`
    const folder = await shell.run(`mkdir -p ${quoted(dir)} && echo ${mark} > ${quoted(`${dir}/mark`)}`)
    if (folder.code !== 0)
      return wrong(
        'folder',
        asSentence(firstLine(folder.stderr)),
        'Name a folder that you may write and all nodes see.'
      )
    try {
      return [...findings, ...(await lookOnNode(shell, place, dir, mark))]
    } finally {
      await shell.run(`rm -r ${quoted(dir)}`).catch(() => undefined)
    }
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error
    return wrong(
      'login',
      asSentence(`${where} cannot be reached: ${error.message}`),
      `See that "ssh ${place.login ?? ''}" works without a password.`
    )
  }
}

/** A job that says what it finds where runs will be trained. */
async function lookOnNode(
  shell: PlaceShell,
  place: Place,
  dir: string,
  mark: string
): Promise<PlaceFinding[]> {
  const option = (name: string, value: string | null): string =>
    value === null ? '' : ` --${name}=${quoted(value)}`
  const script = `#!/bin/sh
{ hostname; cat ${quoted(`${dir}/mark`)}; ${place.command} --version 2>&1 | tail -1; } > ${quoted(`${dir}/said.part`)}
${place.command} doctor --json > ${quoted(`${dir}/doctor`)} 2>/dev/null
mv ${quoted(`${dir}/said.part`)} ${quoted(`${dir}/said`)}
`
  const command = `sbatch --parsable --job-name=bilevel-check --time=5 --output=/dev/null${option('partition', place.partition)}${option('gres', place.gres)}${place.options.map((one) => ` ${quoted(one)}`).join('')}`
  const submitted = await shell.run(`cd ${quoted(dir)} && ${command}`, { input: script })
  if (submitted.code !== 0)
    return [
      {
        name: 'job',
        level: 'error',
        detail: asSentence(firstLine(submitted.stderr)),
        remedy: 'Change the partition, resources, time or options of the place.'
      }
    ]
  const job = /^\d+/.exec(submitted.stdout.toString())?.[0] ?? ''
  const until = performance.now() + JOB_MS
  while (performance.now() < until) {
    const { stdout, code } = await shell.run(`cat ${quoted(`${dir}/said`)} && cat ${quoted(`${dir}/doctor`)}`)
    if (code === 0) return nodeFindings(stdout.toString(), mark)
    const left = await shell.run(`squeue --noheader --jobs=${job} --format=%T`)
    if (left.code === 0 && left.stdout.toString().trim() === '') {
      // It may just have ended: its file shows late on some disks.
      await new Promise((resolve) => setTimeout(resolve, 5000))
      const late = await shell.run(`cat ${quoted(`${dir}/said`)} && cat ${quoted(`${dir}/doctor`)}`)
      if (late.code === 0) return nodeFindings(late.stdout.toString(), mark)
      return [
        {
          name: 'job',
          level: 'error',
          detail: 'A job ran, and what it wrote is not in the folder.',
          remedy: 'Name a folder that all nodes and the login node share.'
        }
      ]
    }
    await new Promise((resolve) => setTimeout(resolve, 2000))
  }
  await shell.run(`scancel ${job}`)
  return [
    {
      name: 'job',
      level: 'warning',
      detail: `A job of a few seconds still waits after ${JOB_MS / 60_000} minutes.`,
      remedy: 'The place may be busy; check it again later.'
    }
  ]
}

function nodeFindings(said: string, mark: string): PlaceFinding[] {
  const [node = '', found, version = '', ...doctor] = said.split('\n')
  const here = productVersion()
  const findings: PlaceFinding[] = [{ name: 'node', level: 'ok', detail: node }]
  if (found !== mark)
    return [
      ...findings,
      { name: 'folder', level: 'error', detail: `${node} does not see it.`, remedy: 'Name a shared folder.' }
    ]
  findings.push({ name: 'folder', level: 'ok', detail: 'shared' })
  if (version !== here)
    return [
      ...findings,
      {
        name: 'version',
        level: 'error',
        detail: `${node} says "${version.slice(0, 120)}", this is ${here}.`,
        remedy: 'Install this version there, or name its command.'
      }
    ]
  findings.push({ name: 'version', level: 'ok', detail: version })
  findings.push(
    isNative(doctor.join('\n'))
      ? { name: 'TensorFlow', level: 'ok', detail: 'native' }
      : {
          name: 'TensorFlow',
          level: 'warning',
          detail: 'The node has no native TensorFlow: runs take WebAssembly, several times slower.',
          remedy: 'Run "bilevel doctor" on a node.'
        }
  )
  return findings
}

/** @param doctor what "bilevel doctor --json" printed on the node; nothing where it did not run */
function isNative(doctor: string): boolean {
  try {
    return examined.parse(JSON.parse(doctor)).backend.name === 'native'
  } catch {
    return false
  }
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0]?.slice(0, 300) ?? ''
}

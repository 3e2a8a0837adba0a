import { accessSync, constants, existsSync, mkdirSync, statfsSync } from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import type { BackendChoice } from '../../../shared/domain/task-spec'
import { bytes } from '../../../shared/words/numbers'
import { DatasetStore, listLeftovers } from '../../datasets'
import { diagnose } from '../../runs'
import { workspaceDir } from './common-options'
import type { CommonOptions } from './common-options'

const require = createRequire(import.meta.url)

export interface Fact {
  readonly name: string
  readonly level: 'ok' | 'note' | 'error'
  readonly detail: string
  readonly remedy?: string
}

export interface Examination {
  readonly findings: readonly Fact[]
  readonly backend: unknown
}

/** Everything that decides whether and how fast the workbench runs here. */
export async function examine(backend: BackendChoice, options: CommonOptions): Promise<Examination> {
  const diagnosis = await diagnose(backend)
  const { chosen, failure } = diagnosis
  const backendFact: Fact = chosen
    ? {
        name: 'backend',
        level: chosen.faster ? 'note' : 'ok',
        detail: `${chosen.reason} ${chosen.info.version}`,
        remedy: chosen.faster
      }
    : { name: 'backend', level: 'error', detail: failure?.sentence ?? 'none loads', remedy: failure?.remedy }
  return {
    backend: chosen?.info ?? null,
    findings: [
      nodeFact(),
      electronFact(),
      backendFact,
      ...diagnosis.findings.map(({ name, available, detail, remedy }): Fact => ({
        name,
        level: available ? 'ok' : 'note',
        detail,
        remedy
      })),
      {
        name: 'processor',
        level: 'ok',
        detail: `${os.availableParallelism()} threads, ${bytes(os.totalmem())} memory`
      },
      workspaceFact(workspaceDir(options)),
      ...leftoverFacts(workspaceDir(options)),
      ...(await datasetFacts(workspaceDir(options)))
    ]
  }
}

export function describeExamination({ findings }: Examination): string {
  const width = Math.max(...findings.map(({ name }) => name.length))
  return findings
    .flatMap(({ name, level, detail, remedy }) => [
      `${level.padEnd(5)} ${name.padEnd(width)}  ${detail}`,
      ...(remedy ? [`${' '.repeat(width + 8)}-> ${remedy}`] : [])
    ])
    .join('\n')
}

/** As `engines` of package.json: the first of each release that is tested. */
const TESTED_NODES: Readonly<Record<number, number>> = { 20: 19, 22: 12, 24: 0 }
const TAKE_NODE = 'Install Node.js 20.19, 22.12 or 24, or a later release of these.'

/** @param version as Node tells it: "22.12.0" */
export function levelOfNode(version: string): Fact['level'] {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const least = TESTED_NODES[major]
  if (least !== undefined) return minor >= least ? 'ok' : 'error'
  return major > 20 ? 'note' : 'error'
}

function nodeFact(): Fact {
  const level = levelOfNode(process.versions.node)
  const remedy = { ok: undefined, note: `This one is not tested. ${TAKE_NODE}`, error: TAKE_NODE }[level]
  return { name: 'Node.js', level, detail: process.version, remedy }
}

function electronFact(): Fact {
  try {
    const dir = path.dirname(require.resolve('electron/package.json'))
    if (existsSync(path.join(dir, 'path.txt'))) return { name: 'Electron', level: 'ok', detail: 'installed' }
    return {
      name: 'Electron',
      level: 'note',
      detail: 'its binary has not been downloaded; the command line does not need it'
    }
  } catch {
    return { name: 'Electron', level: 'note', detail: 'not installed; the command line does not need it' }
  }
}

function workspaceFact(dir: string): Fact {
  try {
    mkdirSync(dir, { recursive: true })
    accessSync(dir, constants.W_OK)
    const { bavail, bsize } = statfsSync(dir)
    const free = bavail * bsize
    const scarce = free < 2 * 1024 ** 3
    return {
      name: 'workspace',
      level: scarce ? 'note' : 'ok',
      detail: `${dir}, ${bytes(free)} free`,
      remedy: scarce ? 'Free some disk, or start with a workspace on another one (--workspace).' : undefined
    }
  } catch {
    return {
      name: 'workspace',
      level: 'error',
      detail: `${dir} cannot be written`,
      remedy: 'Start with another one (--workspace).'
    }
  }
}

/** Every file of every dataset, read and compared with what was imported. */
async function datasetFacts(dir: string): Promise<Fact[]> {
  const folder = path.join(dir, 'datasets')
  if (!existsSync(folder)) return []
  const store = new DatasetStore(folder)
  const metas = store.list()
  for (const { id } of metas) await store.verify(id).catch(() => undefined)
  const damage = store.damage()
  if (damage.length === 0) {
    return [{ name: 'datasets', level: 'ok', detail: `${metas.length}, every file as it was imported` }]
  }
  return damage.map(({ failure }) => ({
    name: 'datasets',
    level: 'error',
    detail: failure.message,
    remedy: failure.remedy
  }))
}

/** Folders that killed exports left outside the workspace. */
function leftoverFacts(dir: string): Fact[] {
  const found = listLeftovers(dir)
  if (found.length === 0) return []
  const left = found.reduce((sum, leftover) => sum + leftover.bytes, 0)
  return [
    {
      name: 'leftovers',
      level: 'note',
      detail: `exports that were killed left ${bytes(left)}: ${found.map(({ folder }) => folder).join(', ')}`,
      remedy: 'Remove them with "bilevel doctor --remove-leftovers".'
    }
  ]
}

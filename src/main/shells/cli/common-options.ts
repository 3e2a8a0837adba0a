import path from 'node:path'
import envPaths from 'env-paths'
import type { Command } from 'commander'
import { badInput } from '../../../shared/domain/failure'
import { readdirSync, statSync } from 'node:fs'

/** Options that every command takes. */
export interface CommonOptions {
  readonly workspace?: string
  readonly json?: boolean
  readonly verbose?: boolean
  readonly quiet?: boolean
}

/** Of commands that train. */
export interface TrainOptions extends CommonOptions {
  readonly place?: string
}

export function addTrainOptions(command: Command): Command {
  return addCommonOptions(command).option(
    '--place <name>',
    'train it there (see "bilevel places list"), not on this machine'
  )
}

export function addCommonOptions(command: Command): Command {
  return command
    .option(
      '--workspace <dir>',
      "where datasets and runs are kept (default: the user's data folder, or BILEVEL_WORKSPACE)"
    )
    .option('--json', 'print one JSON document on stdout')
    .option('--quiet', 'no progress on stderr')
    .option('--verbose', 'show the stack of an error')
}

/** For commander: an option that may be given several times. */
export function repeated(value: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), value]
}

export function workspaceDir(options: CommonOptions): string {
  return path.resolve(
    options.workspace ??
      process.env['BILEVEL_WORKSPACE'] ??
      envPaths('bilevel-workbench', { suffix: '' }).data
  )
}

/** @throws Failure when the folder exists and holds something */
export function requireEmptyOutput(out: string | undefined): string {
  if (!out) throw badInput('--out is missing.', 'Name a new or empty folder for the results with --out.')
  const dir = path.resolve(out)
  const present = statSync(dir, { throwIfNoEntry: false })
  if (!present) return dir
  if (!present.isDirectory()) throw badInput(`--out ${out} is a file.`, 'Name a new or empty folder.')
  if (readdirSync(dir).length > 0) throw badInput(`--out ${out} is not empty.`, 'Name a new or empty folder.')
  return dir
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2))
}

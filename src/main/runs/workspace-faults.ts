import { statSync } from 'node:fs'
import path from 'node:path'
import { Failure } from '../../shared/domain/failure'
import type { Holder } from '../locks'

/** What SQLite or the system said, as a code: SQLITE_FULL, ENOSPC. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

/** Whether another program writes at this moment, so that it is worth asking again soon. */
export function isBusy(error: unknown): boolean {
  const { cause } = error instanceof Failure ? error : { cause: error }
  return /^SQLITE_(BUSY|LOCKED)/.test(codeOf(cause))
}

/**
 * What keeps a workspace from being read or written, as one sentence with a remedy; a person can cause each of
 * these. What is none of them passes through.
 * @param file the workspace's database
 */
export function workspaceFailure(error: unknown, file: string): unknown {
  if (error instanceof Failure) return error
  const code = codeOf(error)
  const dir = path.dirname(file)
  if (isBusy(error)) {
    return fault(
      error,
      `The workspace ${dir} is locked by another program, so nothing was saved.`,
      'Try again when that program has ended its work, or close it.'
    )
  }
  const lacks = code === 'SQLITE_ERROR' && /no such (table|column)/.test((error as Error).message)
  if (/^SQLITE_(NOTADB|CORRUPT|FORMAT)/.test(code) || lacks) {
    return damagedWorkspace(file, error)
  }
  if (code.startsWith('SQLITE_FULL') || code === 'ENOSPC' || code === 'EDQUOT') {
    return fault(
      error,
      `The disk of the workspace ${dir} is full, so nothing was saved.`,
      'Free some space and try again, or start with a workspace on another disk (--workspace).'
    )
  }
  if (!isThere(dir)) return goneWorkspace(dir, error)
  return accessFailure(error, code, file)
}

/** Of a workspace that is there, and cannot be opened, read or written. */
function accessFailure(error: unknown, code: string, file: string): unknown {
  const dir = path.dirname(file)
  if (/^SQLITE_(READONLY|PERM|AUTH)/.test(code) || ['EROFS', 'EACCES', 'EPERM'].includes(code)) {
    return unwritableWorkspace(dir, error)
  }
  if (code.startsWith('SQLITE_CANTOPEN') || code === 'ENOENT' || code === 'ENOTDIR') {
    return fault(
      error,
      `${file} cannot be opened.`,
      'Make the folder and its files readable and writable for you, or start with another (--workspace).'
    )
  }
  if (code.startsWith('SQLITE_IOERR') || code.startsWith('SQLITE_NOLFS') || code === 'EIO') {
    return fault(
      error,
      `The disk of the workspace ${dir} cannot be read or written (${code}).`,
      'See whether the disk is connected and, if it is a network folder, supports locks; else start with another (--workspace).'
    )
  }
  return error
}

function fault(cause: unknown, sentence: string, remedy: string): Failure {
  return new Failure('workspace', sentence, remedy, { cause })
}

export function damagedWorkspace(file: string, cause?: unknown): Failure {
  const name = path.basename(file)
  return new Failure(
    'workspace',
    `${file} is damaged.`,
    `Put back a copy of it, or move ${name}, ${name}-wal and ${name}-shm out of the folder: datasets and results stay, the list of runs begins anew.`,
    { cause }
  )
}

export function goneWorkspace(dir: string, cause?: unknown): Failure {
  return new Failure(
    'workspace',
    `The workspace ${dir} is not there any more, or another folder is in its place; nothing was saved.`,
    'Connect the disk or put the folder back and start the workbench again, or start with another (--workspace).',
    { cause }
  )
}

export function unwritableWorkspace(dir: string, cause?: unknown): Failure {
  return new Failure(
    'workspace',
    `The workspace ${dir} cannot be written.`,
    'Allow yourself to write it, or start with another folder (--workspace), or set BILEVEL_WORKSPACE.',
    { cause }
  )
}

export function newerWorkspace(dir: string): Failure {
  return new Failure(
    'workspace',
    `The workspace ${dir} was written by a newer version of the workbench; nothing in it was changed.`,
    'Update this version, or start with another folder (--workspace).'
  )
}

/** Another workbench serves it. */
export function ownedWorkspace(dir: string, owner: Holder | undefined): Failure {
  if (!owner) {
    return new Failure(
      'workspace',
      `The workspace ${dir} is open in a workbench of another user.`,
      'Ask for it to be closed, or start with another folder (--workspace).'
    )
  }
  const { pid, host, since, url } = owner
  const time = `${since.slice(0, 16).replace('T', ' ')} UTC`
  return new Failure(
    'workspace',
    `The workspace ${dir} is open in another workbench: process ${pid} on ${host}, since ${time}${url ? `, at ${url}` : ''}.`,
    url
      ? 'Open that link in a browser, end that workbench first, or start with another folder (--workspace).'
      : 'Use its window, close it first, or start with another folder (--workspace).'
  )
}

function isThere(dir: string): boolean {
  return statSync(dir, { throwIfNoEntry: false }) !== undefined
}

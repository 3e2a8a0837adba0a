import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Failure } from '../../shared/domain/failure'
import { tellLog } from '../log'
import type { ProgramEnd } from '../processes'

interface Cause {
  readonly pattern: RegExp
  /** After "The training process ended: ". */
  readonly sentence: string
  readonly remedy: string
}

const SMALLER = 'Take a smaller --batch-size or model, or close other programs.'

/** What is known to end a process, by what it left on stderr. The first that fits counts. */
const CAUSES: readonly Cause[] = [
  {
    pattern:
      /heap out of memory|bad_alloc|OOM when allocating|RESOURCE_EXHAUSTED|ENOMEM|Cannot allocate memory|CUDA_ERROR_OUT_OF_MEMORY|Array buffer allocation failed|memory access out of bounds/i,
    sentence: 'memory ran out',
    remedy: SMALLER
  },
  {
    pattern: /ENOSPC|No space left on device|EDQUOT|database or disk is full/i,
    sentence: 'the disk is full',
    remedy: 'Free some space.'
  },
  {
    pattern: /ERR_MODULE_NOT_FOUND|MODULE_NOT_FOUND|Cannot find (module|package)/,
    sentence: 'a part of the installation is missing',
    remedy: 'Install the workbench again (npm ci).'
  },
  {
    pattern: /ERR_DLOPEN_FAILED|cannot open shared object file|GLIBC_|invalid ELF header|not a valid Win32/i,
    sentence: 'a native library could not be loaded',
    remedy: 'Take --backend wasm, which needs none; "bilevel doctor" tells more.'
  },
  { pattern: /EACCES|EROFS|EPERM/, sentence: 'a file may not be written', remedy: 'See the log for which.' }
]

/** What a signal says of the cause. */
const SIGNALS: Partial<Record<NodeJS.Signals, Omit<Cause, 'pattern'>>> = {
  SIGKILL: { sentence: 'the system ended it (SIGKILL), as it does when memory runs out', remedy: SMALLER },
  SIGILL: {
    sentence: 'native TensorFlow uses instructions that this processor lacks (SIGILL)',
    remedy: 'Take --backend wasm.'
  },
  SIGBUS: {
    sentence: 'a file it was reading has changed or the disk is full (SIGBUS)',
    remedy: 'Check the disk.'
  },
  SIGSEGV: { sentence: 'a native library crashed (SIGSEGV)', remedy: 'Take --backend wasm.' },
  SIGABRT: { sentence: 'a native library gave up (SIGABRT)', remedy: SMALLER }
}

/**
 * Why a training process died, as a failure that a person can act on. What it wrote itself, for the most part a
 * library's notes, goes to a log.
 * @param log file to write it to
 */
export function deathOf(
  exit: ProgramEnd,
  { resumable = false, log }: { resumable?: boolean; log?: string }
): Failure {
  const cause = CAUSES.find(({ pattern }) => pattern.test(exit.stderr)) ??
    (exit.signal ? SIGNALS[exit.signal] : undefined) ?? {
      sentence: exit.signal ? `it was ended by ${exit.signal}` : `it ended with code ${exit.code}`,
      remedy: ''
    }
  tellLog('training-process', { ended: exit.signal ?? exit.code ?? undefined })
  const written = log !== undefined && writeLog(log, exit)
  const place = written ? ` Its log is ${log}.` : ''
  const again = resumable
    ? 'Continue from the last checkpoint with "bilevel runs resume".'
    : 'Then try again.'
  return new Failure(
    'process-died',
    `The training process died: ${cause.sentence}.${place}`,
    cause.remedy === '' && !resumable ? 'Try again.' : `${cause.remedy} ${again}`.trim()
  )
}

/** @returns whether there is a log; a disk that takes none is no reason for a second failure */
function writeLog(file: string, { code, signal, stderr }: ProgramEnd): boolean {
  try {
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, `Ended ${new Date().toISOString()}, code ${code}, signal ${signal}\n${stderr}\n`)
    return true
  } catch {
    return false
  }
}

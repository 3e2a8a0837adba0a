import { spawn } from 'node:child_process'
import type { ChildProcess, SpawnOptions } from 'node:child_process'
import { Failure } from '../../../shared/domain/failure'
import type { Place } from '../../../shared/domain/place'

const ANSWER_MS = 60_000
const MOST_BYTES = 64 << 20
/** Of a script that is one word of a command line: Linux takes 128 KiB. */
const LONGEST_WORD = 100_000
/** What systems say of a disk without room, in English, which programs are asked for. */
const NO_ROOM = /No space left on device|Disk quota exceeded/

/** What a command at a place said. */
export interface Answer {
  readonly code: number
  readonly stdout: Buffer
  readonly stderr: string
}

/** The place itself cannot be asked: nothing is known of what goes on there. */
export class Unreachable extends Error {}

/** It can be asked, and there is no room for what is to be written, there or on this machine: that passes too. */
export class DiskFull extends Unreachable {
  constructor(readonly where: 'there' | 'here') {
    super(where === 'here' ? 'the disk of this machine is full' : 'its disk is full')
  }
}

/** Runs commands of a POSIX shell at a place: on this machine, or by the user's own ssh on its login node. */
export class PlaceShell {
  constructor(readonly place: Pick<Place, 'login'>) {}

  /**
   * @param input for its stdin; a script that long takes none
   * @throws Unreachable when it cannot be asked, or does not answer in time
   */
  async run(
    script: string,
    { input, patience = ANSWER_MS }: { input?: string; patience?: number } = {}
  ): Promise<Answer> {
    const isLong = script.length > LONGEST_WORD
    const child = this.spawn(isLong ? 'exec sh -s' : script)
    const timer = setTimeout(() => endGroup(child), patience)
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(isLong ? script : (input ?? ''))
    const chunks: Buffer[] = []
    let bytes = 0
    let stderr = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > MOST_BYTES) endGroup(child)
      else chunks.push(chunk)
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-8000)
    })
    const code = await endOf(child).finally(() => clearTimeout(timer))
    if (code === null) throw new Unreachable('it does not answer')
    // What ssh itself says, never the command: ours end with less.
    if (this.place.login !== null && code === 255) throw new Unreachable(lastLine(stderr))
    return { code, stdout: Buffer.concat(chunks), stderr }
  }

  /** The same, where a failing command is a failure. @throws Failure, Unreachable */
  async must(script: string, what: string, input?: string): Promise<string> {
    const { code, stdout, stderr } = await this.run(script, { input })
    if (code === 0) return stdout.toString()
    if (saysFull(stderr)) throw new DiskFull('there')
    throw new Failure(
      'refused',
      `${what}: ${lastLine(stderr) || `it ended with code ${code}`}.`,
      'Check the place.'
    )
  }

  /** Its streams are the caller's. A group of its own: Ctrl-C is ours, and it ends with all that it started. */
  spawn(script: string): ChildProcess {
    const { login } = this.place
    const options: SpawnOptions = { stdio: ['pipe', 'pipe', 'pipe'], detached: true }
    const inEnglish = `LC_ALL=C; export LC_ALL; ${script}`
    if (login === null) return spawn('sh', ['-c', inEnglish], options)
    // Nobody can type a password here; a connection that is lost is noticed.
    const how = ['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=15', '-o', 'ServerAliveInterval=15']
    return spawn('ssh', [...how, '-T', login, `sh -c ${quoted(inEnglish)}`], options)
  }

  /** What the end of a command that moves data says, where it is not the command's own fault. */
  requireReached(code: number | null, said: string): void {
    if (code === null) throw new Unreachable('it does not answer')
    if (this.place.login !== null && code === 255) throw new Unreachable(lastLine(said))
    if (code !== 0 && saysFull(said)) throw new DiskFull('there')
  }
}

/** Whether a program that failed says that the disk is full. */
export function saysFull(said: string): boolean {
  return NO_ROOM.test(said)
}

/** A child of `spawn` with all that it started, which would keep its streams open. */
export function endGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
  child.stdout?.destroy()
  child.stderr?.destroy()
}

/** @returns the exit code, null when it was ended by a signal. @throws Unreachable when it cannot be started */
export function endOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new Unreachable(unstarted(child, error))))
    child.on('close', (code) => resolve(code))
  })
}

function unstarted({ spawnfile }: ChildProcess, error: NodeJS.ErrnoException): string {
  return error.code === 'ENOENT' ? `there is no ${spawnfile} on this machine` : error.message
}

/** A word of a POSIX shell. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.slice(0, 300).replace(/\.$/, '') ?? ''
}

import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { Failure } from '../../../shared/domain/failure'
import type { Place } from '../../../shared/domain/place'

const ANSWER_MS = 60_000
const MOST_BYTES = 64 << 20

/** What a command at a place said. */
export interface Answer {
  readonly code: number
  readonly stdout: Buffer
  readonly stderr: string
}

/** The place itself cannot be asked: nothing is known of what goes on there. */
export class Unreachable extends Error {}

/** Runs commands of a POSIX shell at a place: on this machine, or by the user's own ssh on its login node. */
export class PlaceShell {
  constructor(readonly place: Pick<Place, 'login'>) {}

  /**
   * @param input for its stdin
   * @throws Unreachable
   */
  async run(
    script: string,
    { input, patience = ANSWER_MS }: { input?: string; patience?: number } = {}
  ): Promise<Answer> {
    const child = this.spawn(script)
    const timer = setTimeout(() => child.kill('SIGKILL'), patience)
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input ?? '')
    const chunks: Buffer[] = []
    let bytes = 0
    let stderr = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > MOST_BYTES) child.kill('SIGKILL')
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
    throw new Failure(
      'refused',
      `${what}: ${lastLine(stderr) || `it ended with code ${code}`}.`,
      'Check the place.'
    )
  }

  /** Its streams are the caller's. */
  spawn(script: string): ChildProcess {
    const { login } = this.place
    const stdio = ['pipe', 'pipe', 'pipe'] as const
    if (login === null) return spawn('sh', ['-c', script], { stdio: [...stdio] })
    // Nobody can type a password here; a connection that is lost is noticed.
    const options = ['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=15', '-o', 'ServerAliveInterval=15']
    return spawn('ssh', [...options, '-T', login, `sh -c ${quoted(script)}`], { stdio: [...stdio] })
  }
}

/** @returns the exit code, null when it was ended by a signal. @throws Unreachable when it cannot be started */
export function endOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new Unreachable(error.message)))
    child.on('close', (code) => resolve(code))
  })
}

/** A word of a POSIX shell. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.slice(0, 300).replace(/\.$/, '') ?? ''
}

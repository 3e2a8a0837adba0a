// Runs other programs: their output kept for the reason of a failure, never a window, always a time limit.
import { spawn } from 'node:child_process'

/** A step that failed for a reason a person can read. */
export class StepFailed extends Error {
  /**
   * @param {string} reason a clause without a full stop
   * @param {string} [remedy] a sentence
   */
  constructor(reason, remedy) {
    super(reason)
    this.name = 'StepFailed'
    this.remedy = remedy
  }
}

/**
 * @param {readonly string[]} command the program and its arguments
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, seconds?: number }} [options]
 * @returns {Promise<{ code: number | null, output: string }>} code null: not found, or ended by the limit
 */
export function run(command, { cwd, env, seconds = 900 } = {}) {
  return new Promise((resolve) => {
    const [program, ...args] = command
    const child = spawn(program, args, {
      cwd,
      env: env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true
    })
    let output = ''
    const keep = (chunk) => {
      output = (output + chunk).slice(-200_000)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    const limit = setTimeout(() => {
      output += `\nstopped after ${seconds} s`
      child.kill('SIGKILL')
    }, seconds * 1000)
    child.on('error', (error) => {
      clearTimeout(limit)
      resolve({ code: null, output: `${output}\n${error.message}` })
    })
    child.on('close', (code) => {
      clearTimeout(limit)
      resolve({ code, output })
    })
  })
}

/** The last line of a program's output that says what went wrong. */
export function complaint(output) {
  const lines = output
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter(Boolean)
  return (
    lines.findLast((line) => /\berror\b|ERR!|not found|stopped after/i.test(line)) ??
    lines.at(-1) ??
    'no output'
  )
}

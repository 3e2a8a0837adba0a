import { constants } from 'node:os'
import { utilityProcess } from 'electron'
import { FAREWELL, isFarewell } from '../../processes'
import type { Program, ProgramEnd, ProgramOrder } from '../../processes'

/** Electron may tell of the end before the last of stderr has come. */
const LAST_WORDS_MS = 300
/** What a process ends by that did not end itself. */
const SIGNALS = ['SIGKILL', 'SIGABRT', 'SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGTERM'] as const

/**
 * In a utility process of Electron's: no Node can be made of the installed program by a switch. It ends with the program
 * that started it.
 */
export function utilityProgram({ file, execArgv, cwd, env, stderrKept, onMessage }: ProgramOrder): Program {
  const child = utilityProcess.fork(file, [], {
    // Electron takes what is undefined for a mistake.
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env }),
    execArgv: [...execArgv],
    stdio: ['ignore', 'ignore', 'pipe'],
    serviceName: 'Bilevel Workbench training'
  })
  let isListening = true
  let stderr = ''
  child.stderr?.on('data', (text) => {
    stderr = (stderr + String(text)).slice(-stderrKept)
  })
  child.on('message', (message: unknown) => {
    if (isFarewell(message)) child.postMessage(FAREWELL)
    else if (isListening) onMessage(message)
  })
  const started = new Promise<number | undefined>((resolve) => {
    child.on('spawn', () => resolve(child.pid))
    child.on('exit', () => resolve(undefined))
  })
  const ended = new Promise<ProgramEnd>((resolve) => {
    child.on('exit', (code) => {
      setTimeout(() => resolve({ ...endBy(code), stderr }), LAST_WORDS_MS)
    })
  })
  return {
    started,
    ended,
    send: (message) => void child.postMessage(message),
    // Electron's own way is SIGTERM, which a program may take for a wish to pause.
    kill: () => {
      if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL')
    },
    letGo: () => {
      isListening = false
    }
  }
}

/** Electron gives the signal's number as the code. */
function endBy(code: number): Pick<ProgramEnd, 'code' | 'signal'> {
  const signal =
    process.platform === 'win32' ? undefined : SIGNALS.find((name) => constants.signals[name] === code)
  return signal === undefined ? { code, signal: null } : { code: null, signal }
}

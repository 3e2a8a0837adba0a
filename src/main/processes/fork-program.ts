import { fork } from 'node:child_process'
import type { Program, ProgramEnd, ProgramOrder } from './program'

/** In a Node of its own. It notices when its owner dies, and may then put its work in order. */
export function forkProgram({ file, execArgv, cwd, env, stderrKept, onMessage }: ProgramOrder): Program {
  const child = fork(file, [], {
    cwd,
    env,
    execArgv: [...execArgv],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced'
  })
  let isListening = true
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-stderrKept)
  })
  child.on('message', (message) => {
    if (isListening) onMessage(message)
  })
  const ended = new Promise<ProgramEnd>((resolve) => {
    child.on('error', (error) => resolve({ code: null, signal: null, stderr: error.message }))
    // "close" comes after the streams are drained, so the last words are complete.
    child.on('close', (code, signal) => resolve({ code, signal, stderr }))
  })
  return {
    started: Promise.resolve(child.pid),
    ended,
    send: (message) => {
      if (child.connected) child.send(message, () => undefined)
    },
    kill: () => void child.kill('SIGKILL'),
    letGo: () => {
      isListening = false
      if (child.connected) child.disconnect()
      child.stderr?.destroy()
      child.unref()
    }
  }
}

import { runCommandLine } from '@main/shells/cli/program'
import type { CommandResult } from './command'

/** The command in this process, for what neither trains nor needs an end of its own: no start of Node for each. */
export async function bilevelHere(args: readonly string[]): Promise<CommandResult> {
  const said = { stdout: '', stderr: '' }
  const restore = (['stdout', 'stderr'] as const).map((name) => {
    const stream = process[name]
    const { write } = stream
    stream.write = (text: string | Uint8Array): boolean => {
      said[name] += String(text)
      return true
    }
    return () => void (stream.write = write)
  })
  try {
    const code = await runCommandLine(args)
    return { code, ...said }
  } finally {
    for (const one of restore) one()
  }
}

// The command line's composition root.
import { runCommandLine } from './program'

// Whoever reads the answer may have enough of it (`bilevel runs list | head`): the work goes on without being heard.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

process.exitCode = await runCommandLine(process.argv.slice(2))

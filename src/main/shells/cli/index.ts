// The command line's composition root.
import { runCommandLine } from './program'

process.exitCode = await runCommandLine(process.argv.slice(2))

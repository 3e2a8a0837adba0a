// The project's install script. It never fails an installation: whatever goes wrong ends in one line, and the
// workbench computes on WebAssembly. docs/backends.md tells the environment variables.
import { say } from './progress.mjs'

process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))

try {
  // Imported here, so that a package missing from node_modules is a reason like any other.
  const { installNative } = await import('./install-native.mjs')
  await installNative()
} catch (error) {
  const reason = String(error?.message ?? error).split('\n')[0]
  const remedy =
    error?.code === 'ENOSPC'
      ? 'Free 3 GB of disk space (8 GB for CUDA), then run `npm run install` again.'
      : (error?.remedy ?? 'See docs/backends.md; `npm run install` tries again.')
  say(`not installed: ${reason}. The workbench will compute on WebAssembly, which is slower. ${remedy}`)
}
process.exitCode = 0

// Windows and macOS: the archive that TensorFlow publishes for tfjs-node, fetched and built by the package's
// own script. Written from that script; not run on either system yet (docs/backends.md).
import { existsSync } from 'node:fs'
import path from 'node:path'
import { ADDON_PATH } from './addon.mjs'
import { complaint, run, StepFailed } from './program.mjs'
import { say } from './progress.mjs'

/** @param {'cpu' | 'cuda'} build */
export async function installArchive(packageFolder, build) {
  say('downloading the archive that TensorFlow publishes for this system')
  const kind = build === 'cuda' ? 'gpu' : 'cpu'
  const { code, output } = await run(
    [process.execPath, path.join('scripts', 'install.js'), kind, 'download'],
    {
      cwd: packageFolder
    }
  )
  const addon = path.join(packageFolder, ADDON_PATH)
  if (code !== 0 || !existsSync(addon)) {
    throw new StepFailed(
      `the archive could not be installed (${complaint(output)})`,
      'Check the connection and the C++ tools, then run `npm run install` again.'
    )
  }
  return addon
}

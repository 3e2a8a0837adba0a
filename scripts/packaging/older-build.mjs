// A build for an Electron that is too old for modules in its main process: what the tool that makes it cannot know of the
// product. For tests alone.
import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** What a preload script has had since Electron 29; before, a file told its path itself. */
const FILE_PATHS = `require('electron').webUtils = { getPathForFile: (file) => file.path };`

/**
 * @param {{ builder: string, project: string, out: string, major: number }} what the tool, whose window is built already, and
 * for which Electron
 */
export function makeOlderBuild({ builder, project, out, major }) {
  execFileSync(process.execPath, [path.resolve(builder), project, out], { stdio: 'inherit' })
  if (major < 29) rewrite(path.join(out, 'preload/index.js'), (code) => `${FILE_PATHS}\n${code}`)
  const main = path.join(out, 'main')
  for (const name of readdirSync(main)) {
    // Its Node reads no import attributes, which sharp's module has; its CommonJS is the same.
    rewrite(path.join(main, name), (code) =>
      code.replaceAll('import("sharp")', 'Promise.resolve({ default: require("sharp") })')
    )
  }
}

function rewrite(file, change) {
  writeFileSync(file, change(readFileSync(file, 'utf8')))
}

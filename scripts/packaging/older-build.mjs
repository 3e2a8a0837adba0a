// A build for an Electron that is too old for modules in its main process: what the tool that makes it cannot know of the
// product. For tests alone.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { ENTRIES } from '../../bin/built-entry.mjs'

/** What a preload script has had since Electron 29; before, a file told its path itself. */
const FILE_PATHS = `require('electron').webUtils = { getPathForFile: (file) => file.path };`

/**
 * @param {{ builder: string, project: string, out: string, major: number }} what the tool, whose window is built already, and
 * for which Electron
 */
export function makeOlderBuild({ builder, project, out, major }) {
  execFileSync(process.execPath, [path.resolve(builder), project, out], { stdio: 'inherit' })
  for (const name of ['features', 'survey']) buildBeside({ builder, project, out, name })
  if (major < 29) rewrite(path.join(out, 'preload/index.js'), (code) => `${FILE_PATHS}\n${code}`)
  const main = path.join(out, 'main')
  for (const name of readdirSync(main)) {
    // Its Node reads no import attributes, which sharp's module has; its CommonJS is the same.
    rewrite(path.join(main, name), (code) =>
      code.replaceAll('import("sharp")', 'Promise.resolve({ default: require("sharp") })')
    )
  }
}

/** The tool knows the training process alone: another one is built as that of a project that has nothing else. */
function buildBeside({ builder, project, out, name }) {
  const cache = path.join(project, 'node_modules/.cache')
  const alone = path.join(cache, `older-${name}-${process.pid}`)
  const write = (file, text) => {
    mkdirSync(path.dirname(path.join(alone, file)), { recursive: true })
    writeFileSync(path.join(alone, file), text)
  }
  try {
    for (const none of ['src/main/index.ts', 'src/preload/index.ts', 'out/renderer/none']) write(none, '')
    write(ENTRIES.worker, `import ${JSON.stringify(path.join(project, ENTRIES[name]))}`)
    write('tsconfig.node.json', JSON.stringify({ extends: path.join(project, 'tsconfig.node.json') }))
    const built = path.join(alone, 'built')
    execFileSync(process.execPath, [path.resolve(builder), alone, built], { stdio: 'inherit' })
    cpSync(path.join(built, 'main/worker.js'), path.join(out, 'main', `${name}.js`))
  } finally {
    rmSync(alone, { recursive: true, force: true })
  }
}

function rewrite(file, change) {
  writeFileSync(file, change(readFileSync(file, 'utf8')))
}

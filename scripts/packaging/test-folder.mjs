// node scripts/packaging/test-folder.mjs <electron> <build-cjs.mjs> [folder] [target ...]: the packaged program with another
// Electron than the product's, to be run on this machine: its folder alone, or these targets of electron-builder's. An Electron
// that is too old for modules in its main process gets a CommonJS build. For tests; npm run dist makes what is shipped.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parse } from 'yaml'
import { makeOlderBuild } from './older-build.mjs'

const ROOT = path.resolve(import.meta.dirname, '../..')
const [binary, olderBuild, output = path.join(ROOT, 'dist'), ...targets] = process.argv.slice(2)
if (!binary || !olderBuild) {
  console.error(
    'Usage: node scripts/packaging/test-folder.mjs <electron> <build-cjs.mjs> [folder] [target ...]'
  )
  process.exit(2)
}

const version = execFileSync(binary, ['-p', 'process.versions.electron'], {
  encoding: 'utf8',
  env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' }
}).trim()
const temporary = mkdtempSync(path.join(os.tmpdir(), 'bilevel-packaging-'))
try {
  const electronDist = path.join(temporary, 'electron')
  cpSync(path.dirname(binary), electronDist, { recursive: true })
  // What is in it of another application: one unpacked would be run before the archive, and its address for updates be asked.
  rmSync(path.join(electronDist, 'resources'), { recursive: true, force: true })
  const older = path.join(temporary, 'older')
  const major = Number.parseInt(version, 10)
  makeOlderBuild({ builder: olderBuild, project: ROOT, out: older, major })
  const product = parse(readFileSync(path.join(ROOT, 'electron-builder.yml'), 'utf8'))
  // An older one has no such fuse, and refuses to be told of it.
  if (major < 29) delete product.electronFuses.grantFileProtocolExtraPrivileges
  const config = {
    ...product,
    electronDist,
    electronVersion: version,
    directories: { ...product.directories, output: path.resolve(output) },
    extraMetadata: { type: 'commonjs', main: 'out/main/index.js' }
  }
  const configFile = path.join(temporary, 'electron-builder.json')
  writeFileSync(configFile, JSON.stringify(config))
  const builder = path.join(ROOT, 'node_modules/electron-builder/cli.js')
  const out = path.join(ROOT, 'out')
  for (const part of ['main', 'preload']) rmSync(path.join(out, part), { recursive: true, force: true })
  for (const part of ['main', 'preload']) {
    cpSync(path.join(older, part), path.join(out, part), { recursive: true })
  }
  const made = targets.length > 0 ? ['--linux', ...targets] : ['--dir']
  execFileSync(process.execPath, [builder, ...made, '--config', configFile], { cwd: ROOT, stdio: 'inherit' })
} finally {
  rmSync(temporary, { recursive: true, force: true })
}

// node scripts/native/list-wheels.mjs: the wheels of the CUDA build, as pip would choose them here: a line of JSON on
// stdout, an array of { file, url, bytes, sha256? }. Exit 1 with a reason on stderr. Nothing is downloaded.
import path from 'node:path'
import { findPip } from './pip.mjs'
import { TENSORFLOW_VERSION } from './plan.mjs'
import { complaint, run, StepFailed } from './program.mjs'

try {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new StepFailed('TensorFlow publishes CUDA wheels for Linux on x64 only')
  }
  const pip = await findPip()
  if (pip.at(-2) !== '-m')
    throw new StepFailed('pip is there without its Python', 'Install Python 3 with pip.')
  const script = path.join(import.meta.dirname, 'list-wheels.py')
  const command = [...pip.slice(0, -2), script, `tensorflow==${TENSORFLOW_VERSION}`]
  const { code, output } = await run(command, { seconds: 300 })
  const list = /^WHEELS (.*)$/m.exec(output)?.[1]
  if (code !== 0 || list === undefined) {
    throw new StepFailed(
      `pip names no wheels (${complaint(output)})`,
      'Check the connection, or pip’s settings.'
    )
  }
  process.stdout.write(`${list}\n`)
} catch (error) {
  process.stderr.write(`${error.message}. ${error.remedy ?? ''}\n`)
  process.exitCode = 1
}

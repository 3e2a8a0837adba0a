import os from 'node:os'
import { productVersion } from '../files/product'
import { logTail } from '../log'
import { diagnose } from '../runs'

/** Lines of the log that go with a report of a defect. */
const LOG_LINES = 200

/**
 * What a report of a defect needs: versions, the machine, the engine, the end of the log. Nothing of the user's: no name,
 * path or data.
 */
export async function diagnostics(workspace: string): Promise<string> {
  const { chosen, findings } = await diagnose('auto')
  const log = logTail(workspace, LOG_LINES)
  return [
    `Bilevel Workbench ${productVersion()}`,
    runtimes()
      .map(({ name, version }) => `${name} ${version}`)
      .join(', '),
    `${os.type()} ${os.release()}, ${os.arch()}, ${os.availableParallelism()} processors, ${gibibytes(os.totalmem())} GiB`,
    ...(chosen ? [`${chosen.info.name}: ${chosen.info.version}, ${chosen.info.device}`] : []),
    ...findings.map(({ name, available }) => `${name}: ${available ? 'yes' : 'no'}`),
    '',
    ...(log.length > 0 ? log : ['The log is empty.']),
    ''
  ].join('\n')
}

/** What runs the product; outside Electron Node alone. */
export function runtimes(): { name: string; version: string }[] {
  const { electron, chrome, node } = process.versions as Partial<Record<string, string>>
  const found = { Electron: electron, Chromium: chrome, 'Node.js': node }
  return Object.entries(found).flatMap(([name, version]) => (version ? [{ name, version }] : []))
}

function gibibytes(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1)
}

import os from 'node:os'
import { productVersion } from '../../files/product'
import { diagnose } from '../../runs'

/** What a report of a defect needs: versions, the machine, the engine. Nothing of the user's: no name, path or data. */
export async function diagnostics(): Promise<string> {
  const { chosen, findings } = await diagnose('auto')
  const versions = process.versions
  return [
    `Bilevel Workbench ${productVersion()}`,
    `Electron ${versions.electron ?? '-'}, Chromium ${versions['chrome'] ?? '-'}, Node ${versions.node}`,
    `${os.type()} ${os.release()}, ${os.arch()}, ${os.availableParallelism()} processors, ${gibibytes(os.totalmem())} GiB`,
    ...(chosen ? [`${chosen.info.name}: ${chosen.info.version}, ${chosen.info.device}`] : []),
    ...findings.map(({ name, available }) => `${name}: ${available ? 'yes' : 'no'}`),
    ''
  ].join('\n')
}

function gibibytes(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1)
}

import path from 'node:path'
import type { ApiShell, UpdateDesk } from '../../api'
import { diagnose } from '../../runs'

/** The API's surroundings on the desktop: the user's own files, no uploads, nobody else. */
export function desktopShell(
  recentWorkspaces: readonly string[],
  documents: string,
  updates: UpdateDesk
): ApiShell {
  return {
    info: {
      shell: 'electron',
      recentWorkspaces: [...recentWorkspaces],
      folders: null,
      exportFolder: path.join(documents, 'Bilevel Workbench'),
      uploadLimit: 0,
      exposed: false
    },
    examine: async () => {
      const { findings, chosen } = await diagnose('auto')
      return [
        ...(chosen ? [{ name: 'backend', level: 'ok' as const, detail: chosen.reason }] : []),
        ...findings.map(({ name, available, detail, remedy }) => ({
          name,
          level: available ? ('ok' as const) : ('warning' as const),
          detail,
          ...(remedy ? { remedy } : {})
        }))
      ]
    },
    updates,
    allow: (wanted) => path.resolve(wanted),
    offer: () => null
  }
}

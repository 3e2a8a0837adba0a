import type { Protocol } from 'electron'
import { readWindowFiles } from '../server/window-files'
import type { WindowFile } from '../server/window-files'
import { WINDOW_HEADERS } from '../server/window-headers'

const SCHEME = 'bilevel'
const HOST = 'workbench'

/** The page of the desktop window; its origin is its own and no file's. */
export const PAGE_URL = `${SCHEME}://${HOST}/`

/** Before Electron is ready: pages of the scheme are as those of a secure site. */
export function registerScheme(protocol: Pick<Protocol, 'registerSchemesAsPrivileged'>): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } }
  ])
}

/** Answer the page's requests with the built window's files, and with nothing else. */
export function servePage(protocol: Pick<Protocol, 'handle'>, folder: string): void {
  let files: ReadonlyMap<string, WindowFile> | undefined
  protocol.handle(SCHEME, ({ method, url }) => {
    files ??= readWindowFiles(folder)
    const { host, pathname } = new URL(url)
    const file = host === HOST && method === 'GET' ? files.get(pathname) : undefined
    if (!file) return new Response('There is nothing here.', { status: 404, headers: WINDOW_HEADERS })
    return new Response(new Uint8Array(file.body), {
      headers: { ...WINDOW_HEADERS, 'Content-Type': file.type }
    })
  })
}

// The public face of the API room: the router, what it works on, and its two transports.
export { diagnostics, runtimes } from './diagnostics'
export type { ApiContext, ApiShell, DataRole, UpdateDesk } from './context'
export { exportCopy } from './export-copy'
export { openApi } from './open-api'
export type { Api } from './open-api'
export { servePort } from './transports/message-port'
export { withWindowWords } from './window-sentences'
export { serveSocket } from './transports/web-socket'

// The window's only way to the main process: one client, two transports.
export { bridge } from './bridge'
export { client, connect, connectionState } from './connection'
export type { ConnectionState } from './connection'
export { failureOf } from './failure'
export { useRunRecords } from './run-records'
export { upload } from './uploads'
export type { UploadFile } from './uploads'

// The public face of the lock room.
export { endHolder, ProcessLock } from './process-lock'
export type { Holder } from './process-lock'
export { keepTemporaryFilesTogether, temporaryFolder } from './temporary-folder'

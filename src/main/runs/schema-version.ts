import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs'

/** Where user_version stands in the first page of a database, big endian. */
const VERSION_OFFSET = 60
const MAGIC = 'SQLite format 3\0'
/** Of a write-ahead log: its header, and that of each of its frames, each of which is followed by a page. */
const LOG_HEADER = 32
const FRAME_HEADER = 24

/**
 * The user_version of a database that is not opened for it: opening one replays its log and may write.
 * @returns 0 where there is no database
 * @throws the system's error when it may not be read
 */
export function schemaVersionOf(file: string): number {
  return Math.max(versionInLog(`${file}-wal`), versionInHeader(file))
}

function versionInHeader(file: string): number {
  return withFile(file, (read) => {
    const header = read(0, VERSION_OFFSET + 4)
    return header?.toString('latin1', 0, MAGIC.length) === MAGIC ? header.readUInt32BE(VERSION_OFFSET) : 0
  })
}

/** The highest version among the log's copies of the first page. */
function versionInLog(file: string): number {
  return withFile(file, (read, size) => {
    const header = read(0, LOG_HEADER)
    if (!header) return 0
    const pageSize = header.readUInt32BE(8)
    // Frames with other salts are left over from before the log was begun again.
    const salts = header.subarray(16, 24)
    if (pageSize < 512 || pageSize > 65536) return 0
    let version = 0
    for (let at = LOG_HEADER; at + FRAME_HEADER + pageSize <= size; at += FRAME_HEADER + pageSize) {
      const frame = read(at, FRAME_HEADER)
      if (!frame?.subarray(8, 16).equals(salts)) break
      if (frame.readUInt32BE(0) !== 1) continue
      version = Math.max(version, read(at + FRAME_HEADER + VERSION_OFFSET, 4)?.readUInt32BE(0) ?? 0)
    }
    return version
  })
}

type Read = (at: number, bytes: number) => Buffer | undefined

function withFile(file: string, look: (read: Read, size: number) => number): number {
  if (!existsSync(file)) return 0
  const fd = openSync(file, 'r')
  try {
    const read: Read = (at, bytes) => {
      const buffer = Buffer.alloc(bytes)
      return readSync(fd, buffer, 0, bytes, at) === bytes ? buffer : undefined
    }
    return look(read, fstatSync(fd).size)
  } finally {
    closeSync(fd)
  }
}

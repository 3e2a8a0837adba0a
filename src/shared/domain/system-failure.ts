import type { FailureData } from './failure'

/** What the operating system or the database says, by its code: the sentence after the file's name, and a remedy. */
const SYSTEM: Readonly<Record<string, readonly [FailureData['code'], string, string]>> = {
  ENOENT: ['bad-input', 'does not exist (any more)', 'Check the spelling and the folder, or put it back.'],
  ENOTDIR: ['bad-input', 'does not exist: a part of its path is a file', 'Check the path.'],
  EISDIR: ['bad-input', 'is a folder, not a file', 'Name a file.'],
  EEXIST: ['already-exists', 'exists already', 'Name another, or remove it first.'],
  ENOTEMPTY: ['already-exists', 'is a folder that holds something', 'Name another, or empty it first.'],
  ENAMETOOLONG: ['bad-input', 'has a name that is too long for this disk', 'Give it a shorter name.'],
  ELOOP: ['bad-input', 'is a link that leads to itself', 'Name what it should lead to.'],
  EACCES: ['refused', 'may not be used: permission denied', 'Change its permissions, or name another place.'],
  EPERM: ['refused', 'may not be used: permission denied', 'Change its permissions, or name another place.'],
  EROFS: ['refused', 'lies on a disk that is read-only', 'Make it writable, or name another place.'],
  ENOSPC: ['refused', 'could not be written: the disk is full', 'Free some space, then try again.'],
  EDQUOT: ['refused', 'could not be written: the disk quota is used up', 'Free some space, then try again.'],
  EFBIG: ['refused', 'is larger than this disk allows a file to be', 'Name a place on another disk.'],
  EIO: ['refused', 'could not be read or written: the disk reports an error', 'Check the disk.'],
  ENXIO: ['bad-input', 'is no file that can be read', 'Name a file.'],
  EBUSY: ['refused', 'is in use by another program', 'Close that program, then try again.'],
  ETXTBSY: ['refused', 'is in use by another program', 'Close that program, then try again.'],
  ESTALE: ['refused', 'lies on a network disk that has gone', 'Connect it again, then try again.'],
  EMFILE: [
    'refused',
    'could not be opened: too many files are open',
    'Close other programs, then try again.'
  ],
  ENFILE: [
    'refused',
    'could not be opened: too many files are open',
    'Close other programs, then try again.'
  ],
  ENOMEM: ['refused', 'could not be read: memory has run out', 'Close other programs, then try again.']
}

const MEMORY = /array buffer allocation failed|cannot create a buffer larger|out of memory|bad_alloc/i

/**
 * An error of the operating system as a failure: nobody's defect, whoever met it. Undefined for everything else.
 */
export function systemFailure(error: unknown): FailureData | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, path, dest } = error as { code?: unknown; path?: unknown; dest?: unknown }
  if (typeof code === 'string' && code in SYSTEM) {
    const [failure, what, remedy] = SYSTEM[code]!
    const named = [path, dest].filter((name): name is string => typeof name === 'string' && name !== '')
    const name = (code === 'EEXIST' || code === 'ENOTEMPTY' ? named.at(-1) : named[0]) ?? 'A file'
    return { code: failure, sentence: `${name} ${what}.`, remedy }
  }
  if (code === 'ERR_INVALID_ARG_VALUE' && error.message.includes('null bytes')) {
    return { code: 'bad-input', sentence: 'A path holds a NUL character.', remedy: 'Name a path without it.' }
  }
  if (MEMORY.test(error.message)) {
    return {
      code: 'refused',
      sentence: 'Memory has run out.',
      remedy: 'Close other programs, or take less data.'
    }
  }
  return undefined
}

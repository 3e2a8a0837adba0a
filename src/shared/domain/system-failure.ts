import type { FailureData } from './failure-data'

/** What a code of the operating system means for a file, {}, and what helps. */
const SYSTEM: Readonly<Record<string, readonly [FailureData['code'], string, string]>> = {
  ENOENT: ['bad-input', '{} does not exist.', 'Check the spelling and the folder.'],
  ENOTDIR: ['bad-input', '{} does not exist: a part of its path is a file.', 'Check the path.'],
  EISDIR: ['bad-input', '{} is a folder, not a file.', 'Name a file.'],
  EEXIST: ['already-exists', '{} is there already.', 'Choose another name.'],
  ENOTEMPTY: ['already-exists', '{} is a folder that is not empty.', 'Choose another name.'],
  ENAMETOOLONG: ['bad-input', '{} has a name that is too long for this disk.', 'Give it a shorter name.'],
  ELOOP: ['bad-input', '{} is a link that leads back to itself.', 'Remove the link.'],
  ENXIO: ['bad-input', '{} is no file that can be read.', 'Name a file.'],
  EACCES: ['bad-input', '{} may not be opened: permission denied.', 'Change its permissions.'],
  EPERM: ['bad-input', '{} may not be opened: permission denied.', 'Change its permissions.'],
  EROFS: ['refused', '{} lies on a disk that cannot be written.', 'Choose another folder.'],
  ENOSPC: [
    'refused',
    'The disk is full: {} could not be written.',
    'Free some space, or choose another disk.'
  ],
  EDQUOT: [
    'refused',
    'Your share of the disk is used up: {} could not be written.',
    'Remove some files, or choose another disk.'
  ],
  EFBIG: ['refused', '{} is larger than this disk or account allows a file to be.', 'Choose another disk.'],
  EIO: [
    'refused',
    'The disk reported an error at {}.',
    'Check the disk and its cable or network, then try again.'
  ],
  ESTALE: ['refused', '{} lies on a network disk that went away.', 'Connect it again, then try again.'],
  ENODEV: ['refused', '{} lies on a disk that went away.', 'Connect it again, then try again.'],
  EBUSY: ['refused', '{} is in use by another program.', 'Close it there, then try again.'],
  ETXTBSY: ['refused', '{} is in use by another program.', 'Close it there, then try again.'],
  EMFILE: [
    'refused',
    '{} could not be opened: too many files are open.',
    'Close other programs, or raise the limit (ulimit -n).'
  ],
  ENFILE: [
    'refused',
    '{} could not be opened: too many files are open.',
    'Close other programs, or raise the limit (ulimit -n).'
  ],
  ENOMEM: ['refused', '{} could not be read: memory has run out.', 'Close other programs, then try again.']
}

const MEMORY = /array buffer allocation failed|cannot create a buffer larger|out of memory|bad_alloc/i

/**
 * An error of the operating system as a failure: nobody's defect, whoever met it. Undefined for everything else.
 * @param name what the reader calls the file; by default its path as the error has it
 */
export function systemFailure(error: unknown, name?: string): FailureData | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, path, dest } = error as { code?: unknown; path?: unknown; dest?: unknown }
  if (typeof code === 'string' && code in SYSTEM) {
    const [failure, sentence, remedy] = SYSTEM[code]!
    const paths = [path, dest].filter((one): one is string => typeof one === 'string' && one !== '')
    const met = (failure === 'already-exists' ? paths.at(-1) : paths[0]) ?? 'A file'
    return { code: failure, sentence: sentence.replace('{}', () => shown(name ?? met, code)), remedy }
  }
  if (code === 'ERR_INVALID_ARG_VALUE' && error.message.includes('null bytes')) {
    const sentence = `${shown(name ?? 'A path')} holds a null character, as no path does.`
    return { code: 'bad-input', sentence, remedy: 'Check the spelling.' }
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

/** A name as a part of one line; the start of one that is too long. */
function shown(name: string, code?: string): string {
  const line = name.replace(/\p{Cc}/gu, '\ufffd')
  return code === 'ENAMETOOLONG' ? `${line.slice(0, 80)}...` : line
}

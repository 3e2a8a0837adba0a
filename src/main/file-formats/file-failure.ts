import { badInput, Failure } from '../../shared/domain/failure'
import type { FailureCode } from '../../shared/domain/failure'

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** A name as one line of a message. */
function printable(name: string): string {
  return name.replace(/\p{Cc}/gu, '\ufffd')
}

/** What a code of the operating system means for a file, {}; it does not say whether it was read or written. */
const SAID: Readonly<Record<string, readonly [FailureCode, string, string]>> = {
  ENOENT: ['bad-input', '{} does not exist.', 'Check the spelling and the folder.'],
  EACCES: ['bad-input', '{} may not be opened: permission denied.', 'Change its permissions.'],
  EPERM: ['bad-input', '{} may not be opened: permission denied.', 'Change its permissions.'],
  EISDIR: ['bad-input', '{} is a folder, not a file.', 'Name a file.'],
  ENOTDIR: ['bad-input', '{} is not in a folder.', 'Check the path.'],
  EEXIST: ['bad-input', '{} is there already.', 'Choose another name.'],
  ENOTEMPTY: ['bad-input', '{} is a folder that is not empty.', 'Choose another name.'],
  ELOOP: ['bad-input', '{} is a link that leads back to itself.', 'Remove the link.'],
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
  EROFS: ['refused', '{} lies on a disk that cannot be written.', 'Choose another folder.'],
  EIO: [
    'refused',
    'The disk reported an error at {}.',
    'Check the disk and its cable or network, then try again.'
  ],
  ESTALE: ['refused', '{} lies on a network disk that went away.', 'Connect it again, then try again.'],
  ENODEV: ['refused', '{} lies on a disk that went away.', 'Connect it again, then try again.'],
  ENXIO: ['refused', '{} lies on a disk that went away.', 'Connect it again, then try again.'],
  EBUSY: ['refused', '{} is in use by another program.', 'Close it there, then try again.'],
  EMFILE: [
    'refused',
    '{} could not be opened: too many files are open.',
    'Close other programs, or raise the limit (ulimit -n).'
  ],
  ENFILE: [
    'refused',
    '{} could not be opened: too many files are open.',
    'Close other programs, or raise the limit (ulimit -n).'
  ]
}

/**
 * What the operating system or zlib said about a file, as a failure that names the file.
 * Anything it does not know passes through: it is a defect and must stay visible as one.
 */
export function fileFailure(error: unknown, name: string): unknown {
  if (error instanceof Failure) return error
  const code = codeOf(error)
  if (code === undefined) return error
  if (code === 'ERR_INVALID_ARG_VALUE' && error instanceof Error && /null bytes/i.test(error.message)) {
    return badInput(
      `${printable(name)} holds a null character, as no path does.`,
      'Check the spelling.',
      error
    )
  }
  if (code === 'ENAMETOOLONG') {
    return badInput(
      `${printable(name).slice(0, 80)}... is longer than a path may be.`,
      'Check the path.',
      error
    )
  }
  const known = SAID[code]
  if (known) {
    const [failure, sentence, remedy] = known
    return new Failure(
      failure,
      sentence.replace('{}', () => name),
      remedy,
      { cause: error }
    )
  }
  if (code === 'Z_BUF_ERROR') {
    return badInput(`${name} ends in the middle of its compressed data.`, 'Copy or download it again.', error)
  }
  if (code.startsWith('Z_')) {
    return badInput(`${name} holds damaged compressed data.`, 'Copy or download it again.', error)
  }
  // Whatever else the operating system says of a file is no defect of the product.
  if (error instanceof Error && 'syscall' in error && /^E[A-Z0-9]+$/.test(code)) {
    return new Failure(
      'refused',
      `${name} cannot be read or written (${code}).`,
      'Check the disk and the path.',
      {
        cause: error
      }
    )
  }
  return error
}

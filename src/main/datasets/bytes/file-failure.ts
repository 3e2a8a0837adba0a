import { badInput, Failure } from '../../../shared/domain/failure'

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** A name as one line of a message. */
function printable(name: string): string {
  return name.replace(/\p{Cc}/gu, '\ufffd')
}

/**
 * What the operating system or zlib said about a file, as a failure that names the file.
 * Anything it does not know passes through: it is a defect and must stay visible as one.
 */
export function fileFailure(error: unknown, name: string): unknown {
  if (error instanceof Failure) return error
  const code = codeOf(error)
  if (code === undefined) return error
  if (code === 'ENOENT') {
    return badInput(`${name} does not exist.`, 'Check the spelling and the folder.', error)
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return badInput(`${name} may not be opened: permission denied.`, 'Change its permissions.', error)
  }
  if (code === 'ERR_INVALID_ARG_VALUE' && error instanceof Error && /null bytes/i.test(error.message)) {
    return badInput(
      `${printable(name)} holds a null character, as no path does.`,
      'Check the spelling.',
      error
    )
  }
  if (code === 'ELOOP') {
    return badInput(`${name} is a link that leads back to itself.`, 'Remove the link.', error)
  }
  if (code === 'ENAMETOOLONG') {
    return badInput(
      `${printable(name).slice(0, 80)}... is longer than a path may be.`,
      'Check the path.',
      error
    )
  }
  if (code === 'EISDIR') return badInput(`${name} is a folder, not a file.`, 'Name a file.', error)
  if (code === 'ENOTDIR') return badInput(`${name} is not in a folder.`, 'Check the path.', error)
  if (code === 'ENOSPC') {
    return new Failure('refused', `The disk is full: ${name} could not be written.`, 'Free some space.', {
      cause: error
    })
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

import { badInput, Failure } from '../../../shared/domain/failure'

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
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
  return error
}

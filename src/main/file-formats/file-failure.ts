import { badInput, Failure } from '../../shared/domain/failure'
import { systemFailure } from '../../shared/domain/system-failure'

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
  const known = systemFailure(error, name)
  if (known) return new Failure(known.code, known.sentence, known.remedy, { cause: error })
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

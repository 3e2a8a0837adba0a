import { Failure } from '../../../shared/domain/failure'

interface Cause {
  readonly pattern: RegExp
  readonly sentence: string
  readonly remedy: string
}

const AGAIN = 'Check the connection and try again.'

/** What electron-updater and Chromium's network say, and what it means. The first that fits counts. */
const CAUSES: readonly Cause[] = [
  {
    pattern: /ERR_CHECKSUM_MISMATCH|sha512 checksum mismatch/i,
    sentence:
      'The update that arrived is not the one that was announced: its checksum is another. It was thrown away.',
    remedy: 'Try again; if it stays so, tell whoever publishes the updates.'
  },
  {
    pattern: /ERR_UPDATER_INVALID_SIGNATURE|not signed by|code signature/i,
    sentence: 'The update is not signed by the publisher of this program. It was not installed.',
    remedy: 'Tell whoever publishes the updates.'
  },
  {
    pattern: /ENOSPC|no space left/i,
    sentence: 'The disk is full: the update could not be kept.',
    remedy: 'Free some space and try again.'
  },
  {
    pattern: /ERR_UPDATER_CHANNEL_FILE_NOT_FOUND|HttpError: 404|status code 404/i,
    sentence: 'The update server has no list of versions for this system.',
    remedy: 'Tell whoever publishes the updates, or install a newer version by hand.'
  },
  {
    pattern: /HttpError|status code \d+/i,
    sentence: 'The update server refuses to answer.',
    remedy: 'Try again later.'
  },
  {
    pattern:
      /net::ERR_|ENOTFOUND|ECONN|ETIMEDOUT|EAI_AGAIN|socket hang up|timed out|Unable to find latest version/i,
    sentence: 'The update server cannot be reached.',
    remedy: AGAIN
  },
  {
    pattern: /ERR_UPDATER_INVALID_UPDATE_INFO|ERR_UPDATER_NO_FILES_PROVIDED|YAMLException|No files provided/i,
    sentence: 'What the update server answers is no list of versions.',
    remedy: 'Tell whoever publishes the updates, or install a newer version by hand.'
  }
]

/** Why there is no update, in words; nothing that a server answers is repeated. */
export function updateFailure(error: unknown): Failure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const said = `${code} ${String(error)}`
  const { sentence, remedy } = CAUSES.find(({ pattern }) => pattern.test(said)) ?? {
    sentence: 'The update could not be had.',
    remedy: AGAIN
  }
  return new Failure('refused', sentence, remedy, { cause: error })
}

import { Failure } from '@shared/domain/failure'
import type { FailureData } from '@shared/domain/failure'
import { randomId } from './random-id'

/** A file to send, with its path inside the folder that was dropped. */
export interface UploadFile {
  readonly file: File
  /** Relative, with forward slashes. */
  readonly path: string
}

/**
 * Send files to the served workbench (a browser cannot tell where a file lies on disk).
 * @returns the path to import, as the server knows it
 * @throws Failure with the server's sentence
 */
export async function upload(
  files: readonly UploadFile[],
  watch: { onProgress?(sent: number, total: number): void; signal?: AbortSignal } = {}
): Promise<string> {
  const total = files.reduce((sum, { file }) => sum + file.size, 0)
  const id = randomId()
  let sent = 0
  let path = ''
  for (const { file, path: name } of files) {
    const answer = await send(`/upload/${id}/${name.split('/').map(encodeURIComponent).join('/')}`, file, {
      signal: watch.signal,
      onProgress: (part) => watch.onProgress?.(sent + part, total)
    })
    path = answer.path
    sent += file.size
  }
  return path
}

/** XMLHttpRequest, because fetch does not tell how much of a body has been sent. */
function send(
  url: string,
  body: File,
  watch: { onProgress(sent: number): void; signal?: AbortSignal | undefined }
): Promise<{ path: string }> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('PUT', url)
    request.upload.addEventListener('progress', ({ loaded }) => watch.onProgress(loaded))
    request.addEventListener('load', () => {
      const answer = parse(request.responseText)
      if (request.status === 200) resolve(answer as { path: string })
      else reject(isFailure(answer) ? Failure.from(answer) : refusal(request))
    })
    request.addEventListener('error', () =>
      reject(new Failure('refused', `${body.name} could not be sent.`, 'Is the workbench still running?'))
    )
    request.addEventListener('abort', () => reject(new Failure('cancelled', 'Cancelled.', '')))
    watch.signal?.addEventListener('abort', () => request.abort())
    request.send(body)
  })
}

/** Turned away at the door, in plain words. */
function refusal({ responseText, statusText }: XMLHttpRequest): Failure {
  return new Failure('refused', responseText.trim() || statusText, 'Then send the files again.')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function isFailure(answer: unknown): answer is FailureData {
  return typeof answer === 'object' && answer !== null && 'sentence' in answer
}

import { Failure } from '../../../shared/domain/failure'
import { secondsLeft } from '../../../shared/words/forecast'
import type { ImportWatch } from '../../datasets'
import type { CommonOptions } from './common-options'
import { ProgressDisplay } from './progress-display'
import { onStop } from './stop-signals'

/** Progress on stderr; Ctrl-C, SIGTERM and SIGHUP abort and leave nothing. */
export async function watched<T>(
  options: CommonOptions,
  act: (watch: ImportWatch) => Promise<T>
): Promise<T> {
  const display = new ProgressDisplay(options.quiet ?? false)
  const abort = new AbortController()
  let phaseNow = ''
  let started = performance.now()
  const release = onStop(() => abort.abort(new Failure('cancelled', 'Cancelled.', 'Nothing was written.')))
  try {
    return await act({
      signal: abort.signal,
      onProgress: (done, total, phase) => {
        if (phase !== phaseNow) started = performance.now()
        phaseNow = phase
        const seconds = (performance.now() - started) / 1000
        // Short work needs no progress.
        if (seconds < 1 || !total || done === 0) return
        const fraction = done / total
        display.show({ phase, fraction, secondsLeft: secondsLeft(seconds, fraction) })
      }
    })
  } finally {
    display.end()
    release()
  }
}

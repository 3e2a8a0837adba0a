import { isBusy } from '../runs'

/** Pauses in milliseconds between attempts: about five seconds together. */
const PAUSES = [20, 40, 80, 160, 320, 640, 1000, 1250, 1500]

/**
 * Do what may meet another process that is writing to the workspace, and try again while it does: waiting for it in
 * SQLite would stop everybody's requests. An attempt that was refused has written nothing.
 */
export async function patiently<T>(act: () => T | PromiseLike<T>): Promise<T> {
  for (const pause of PAUSES) {
    try {
      return await act()
    } catch (error) {
      if (!isBusy(error)) throw error
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }
  return act()
}

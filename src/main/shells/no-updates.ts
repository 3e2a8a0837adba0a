import type { UpdateDesk } from '../api'

/** Where the program cannot renew itself. @param why a sentence */
export function noUpdates(why: string): UpdateDesk {
  const state = { phase: 'unavailable', why } as const
  return { state, check: async () => state, download: () => state, cancel: () => state }
}

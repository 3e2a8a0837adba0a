import type { Overview } from '../shared/contract/overview'

/** All that the window can ask of the main process. */
export interface Bridge {
  overview(): Promise<Overview>
}

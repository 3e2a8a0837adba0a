import { readFileSync } from 'node:fs'
import type { Rectangle } from 'electron'
import * as z from 'zod'
import { writeAtomicallySync } from '../../files/write-atomically'

const place = z.object({
  x: z.int(),
  y: z.int(),
  width: z.int().min(400).max(20_000),
  height: z.int().min(300).max(20_000),
  isMaximized: z.boolean(),
  /** Electron's level: each step is a fifth more. */
  zoom: z.number().min(-8).max(9)
})

/** Where a window was when it was closed. */
export type WindowPlace = z.infer<typeof place>

/** How much of a window must lie on a screen for a person to reach it, in pixels. */
const REACHABLE = 100

/** Size, place and zoom of the window, kept in a file of the user's. */
export class KeptWindowPlace {
  constructor(private readonly file: string) {}

  /** @returns undefined when there is none */
  load(): WindowPlace | undefined {
    try {
      return place.parse(JSON.parse(readFileSync(this.file, 'utf8')))
    } catch {
      // None yet, or a file that somebody edited: a convenience may be lost.
      return undefined
    }
  }

  save(kept: WindowPlace): void {
    try {
      writeAtomicallySync(this.file, JSON.stringify(kept))
    } catch {
      // As above.
    }
  }
}

/**
 * Where a window that was here can stand now: no larger than its screen, its title below the upper edge.
 * @returns undefined when it lies on a screen that is not there now
 */
export function reachableBounds(
  { x, y, width, height }: Rectangle,
  screens: readonly Rectangle[]
): Rectangle | undefined {
  const on = screens.find((screen) => overlap({ x, y, width, height }, screen))
  return (
    on && { x, y: Math.max(y, on.y), width: Math.min(width, on.width), height: Math.min(height, on.height) }
  )
}

function overlap(window: Rectangle, screen: Rectangle): boolean {
  const across = Math.min(window.x + window.width, screen.x + screen.width) - Math.max(window.x, screen.x)
  const down = Math.min(window.y + window.height, screen.y + screen.height) - Math.max(window.y, screen.y)
  return across >= REACHABLE && down >= REACHABLE
}

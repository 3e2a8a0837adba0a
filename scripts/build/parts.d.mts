export interface Part {
  readonly title: string
  readonly inputs: string[]
  /** The file that shows that it is there. */
  readonly shown: string
  /** Makes it in the folder `<beside>/<part>`. */
  readonly command: (beside: string) => string[]
}
export const PARTS: Record<string, Part>
export function hashOf(root: string, inputs: readonly string[]): string
export function isCurrent(root: string, name: string, parts?: Record<string, Part>): boolean
/** Builds what has changed; answers the parts that were built. */
export function buildParts(
  root: string,
  options?: {
    readonly names?: readonly string[]
    readonly all?: boolean
    readonly say?: (line: string) => void
    readonly parts?: Record<string, Part>
  }
): Promise<string[]>

import * as z from 'zod'

/** A wheel of the CUDA build, as the user's own pip would choose it. */
const packFile = z.object({
  file: z.string().regex(/^[\w.+-]+\.whl$/),
  url: z.url({ protocol: /^https?$/ }),
  bytes: z
    .int()
    .min(0)
    .max(8 * 2 ** 30),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional()
})
export type PackFile = z.infer<typeof packFile>

export const packList = z.array(packFile).min(1).max(64)

export function bytesOf(files: readonly PackFile[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0)
}

/** Where the files come from, by host. */
export function sourcesOf(files: readonly PackFile[]): string[] {
  return [...new Set(files.map(({ url }) => new URL(url).host))]
}

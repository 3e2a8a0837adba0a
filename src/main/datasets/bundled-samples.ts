import { existsSync } from 'node:fs'
import path from 'node:path'

/** Samples that ship with the product, by the name a reference uses; see resources/samples. */
const SAMPLES: Readonly<Record<string, string>> = {
  'sample-digits': 'digits/digits.npz'
}

export const BUNDLED_SAMPLES: readonly string[] = Object.keys(SAMPLES)

/** Path of a bundled sample; undefined when the name is none, or when a path of that name exists. */
export function bundledSample(name: string): string | undefined {
  const file = Object.hasOwn(SAMPLES, name) ? SAMPLES[name] : undefined
  if (file === undefined || existsSync(name)) return undefined
  // Sources run from src/, the built product from out/: resources lies above both.
  for (let folder = import.meta.dirname; ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, 'resources', 'samples', file)
    if (existsSync(candidate)) return candidate
    if (path.dirname(folder) === folder) return undefined
  }
}

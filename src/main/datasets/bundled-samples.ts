import { existsSync } from 'node:fs'
import path from 'node:path'
import { productFolder } from '../files/product'

/** Samples that ship with the product, by the name a reference uses; see resources/samples. */
const SAMPLES: Readonly<Record<string, string>> = {
  'sample-digits': 'digits/digits.npz'
}

export const BUNDLED_SAMPLES: readonly string[] = Object.keys(SAMPLES)

/** Path of a bundled sample; undefined when the name is none, or when a path of that name exists. */
export function bundledSample(name: string): string | undefined {
  const file = Object.hasOwn(SAMPLES, name) ? SAMPLES[name] : undefined
  if (file === undefined || existsSync(name)) return undefined
  const sample = path.join(productFolder(), 'resources', 'samples', file)
  return existsSync(sample) ? sample : undefined
}

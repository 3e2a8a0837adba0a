import path from 'node:path'
import { corruptDataset, resolveReference } from '@main/datasets'
import type { DatasetStore } from '@main/datasets'
import type { DatasetMeta } from '@shared/domain/dataset'

/** 600 of the sample digits as the dataset "noisy": three labels in ten are wrong, and it is known which. */
export async function noisyDigits(datasets: DatasetStore, dir: string): Promise<DatasetMeta> {
  const source = await resolveReference(datasets, 'sample-digits#train[200:800]')
  const noisy = path.join(dir, 'noisy')
  await corruptDataset(source, { noise: 0.3, pattern: 'uniform', seed: 1 }, noisy)
  source.close()
  return datasets.importFrom(noisy, { name: 'noisy' })
}

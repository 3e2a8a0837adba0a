import { client, datasetAtHand } from '@renderer/client'
import { suggestedData } from '@renderer/ui/references'
import type { SuggestedData } from '@renderer/ui/references'
import type { DatasetMeta } from '@shared/domain/dataset'

/**
 * The data of a run that was asked for without any: those of the dataset whose page was open last, else of the newest that
 * is not poisoned on purpose. Undefined where there is none, or it cannot be read: its own page says why.
 */
export async function dataAtHand(datasets: readonly DatasetMeta[]): Promise<SuggestedData | undefined> {
  const seen = datasetAtHand()
  const newest = datasets
    .filter(({ poisoned }) => !poisoned)
    .reduce<DatasetMeta | undefined>(
      (best, meta) => (best && best.createdAt >= meta.createdAt ? best : meta),
      undefined
    )
  const meta = datasets.find(({ id }) => id === seen) ?? newest
  if (!meta) return undefined
  try {
    const [{ given }, { classCounts }] = await Promise.all([
      client.datasets.labels({ dataset: meta.id }),
      client.trust.get({ dataset: meta.id, most: 1 })
    ])
    return suggestedData(meta, given, classCounts)
  } catch {
    return undefined
  }
}

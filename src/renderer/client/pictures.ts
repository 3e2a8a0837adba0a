import type { PictureFacts } from '@shared/domain/picture-facts'
import { client } from './connection'

/** The pictures of one example of a dataset. */
export function datasetPicture(dataset: string, row: number) {
  return {
    load: (look: 'original' | 'model', side?: number): Promise<Blob> =>
      client.datasets.image({ dataset, row, look, side }),
    facts: (): Promise<PictureFacts> => client.datasets.pictureFacts({ dataset, row })
  }
}

/** The pictures of one example of a run's data. */
export function runPicture(run: string, role: 'train' | 'trusted', row: number) {
  return {
    load: (look: 'original' | 'model', side?: number): Promise<Blob> =>
      client.runs.image({ run, role, row, look, side }),
    facts: (): Promise<PictureFacts> => client.runs.pictureFacts({ run, role, row })
  }
}

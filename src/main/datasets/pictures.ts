import type { DatasetMeta } from '@shared/domain/dataset'
import type { ExampleSelection } from './example-selection'

/** One example as a PNG at native resolution. */
export declare function renderThumbnail(source: ExampleSelection | DatasetMeta, row: number): Promise<Buffer>

/** A page of examples as one PNG, laid out by atlasGrid of @shared/domain/atlas. */
export declare function renderAtlas(
  source: ExampleSelection | DatasetMeta,
  rows: ArrayLike<number>,
  tileSize: number
): Promise<Buffer>

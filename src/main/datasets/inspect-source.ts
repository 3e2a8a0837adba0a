import { statSync } from 'node:fs'
import type { Inspection } from '../../shared/domain/inspection'
import { bundledSample } from './bundled-samples'
import type { SampleExample } from './codecs/codec'
import { openSource } from './codecs/open-source'
import type { ImportOptions } from './import-options'
import { importWarnings } from './import-warnings'
import { fittedPixels } from './pictures/decode-image'
import { encodeImage } from './pictures/encode-image'
import { examplePicture, type PictureScale } from './pictures/example-picture'
import { isPoisoned } from './poisoned-manifest'

const MOST_SAMPLES = 24
const MOST_ROWS = 10
const MOST_CELLS = 40
const LONGEST_CELL = 300
/** Longer side of a sample's picture, pixels. */
const SAMPLE_SIDE = 160

/**
 * Look at a source without writing anything: what an import assistant shows before committing. An option
 * that is still needed is listed in `missing`, not thrown.
 * @throws Failure bad-input when the source cannot be read at all
 */
export async function inspectSource(source: string, options: ImportOptions = {}): Promise<Inspection> {
  const opened = await openSource(bundledSample(source) ?? source, options)
  try {
    const facts = (await opened.reader.examine?.()) ?? opened.reader.facts
    const samples = await opened.reader.sample(MOST_SAMPLES)
    const poisoned = isPoisoned(opened.path)
    const warnings = importWarnings(
      opened,
      { shape: samples[0]?.shape, range: scaleOf(samples).range },
      facts.foreseen
    )
    return {
      format: opened.format,
      reason: opened.reason,
      count: facts.count,
      countIsEstimate: facts.countIsEstimate ?? false,
      shape: facts.shape,
      resizedTo: facts.resizedTo,
      dtype: facts.dtype,
      classNames: [...facts.classNames],
      splits: [...facts.splits],
      columns: [...(facts.columns ?? [])],
      labelColumn: facts.labelColumn,
      labelColumnCandidates: [...(facts.labelColumnCandidates ?? [])],
      tableColumns: facts.tableColumns && [...facts.tableColumns],
      reading: facts.reading,
      hasTruth: facts.hasTruth,
      poisoned,
      sampleImages: await sampleImages(samples),
      sampleRows: sampleRows(samples),
      missing: [...(facts.missing ?? [])],
      warnings,
      bytes: facts.files.reduce(
        (sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0),
        0
      )
    }
  } finally {
    await opened.reader.close()
  }
}

/** What a person reads of them: the first rows and cells, long texts by their beginning. */
function sampleRows(samples: readonly SampleExample[]): Inspection['sampleRows'] {
  const rows = samples.slice(0, MOST_ROWS).flatMap(({ cells, label }) =>
    cells
      ? [
          {
            label: label ?? null,
            cells: cells.slice(0, MOST_CELLS).map((text) => text.slice(0, LONGEST_CELL))
          }
        ]
      : []
  )
  return rows.length > 0 ? rows : undefined
}

async function sampleImages(samples: readonly SampleExample[]): Promise<Inspection['sampleImages']> {
  const scale = scaleOf(samples)
  return Promise.all(
    samples.map(async ({ features, shape, label, split }) => {
      const png = await encodeImage(
        await fittedPixels(examplePicture(features, shape, scale), SAMPLE_SIDE),
        'png'
      )
      return {
        png: `data:image/png;base64,${png.toString('base64')}`,
        label: label ?? null,
        split: split ?? null
      }
    })
  )
}

/** Ranges of the samples stand in for those of the set. */
function scaleOf(samples: readonly SampleExample[]): PictureScale {
  const [first] = samples
  if (!first || first.features instanceof Uint8Array) return {}
  const low = Array.from(first.features)
  const high = Array.from(first.features)
  for (const { features } of samples) {
    for (let i = 0; i < low.length; i++) {
      low[i] = Math.min(low[i]!, features[i]!)
      high[i] = Math.max(high[i]!, features[i]!)
    }
  }
  const range = {
    min: low.reduce((a, b) => Math.min(a, b), Infinity),
    max: high.reduce((a, b) => Math.max(a, b), -Infinity)
  }
  return { range, columnRange: [low, high] }
}

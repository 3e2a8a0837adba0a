import { mkdtempSync, rmSync } from 'node:fs'
import path from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { exampleSize } from '../../shared/domain/dataset'
import { Failure } from '../../shared/domain/failure'
import { temporaryFolder } from '../locks'
import { ExampleSelection } from './example-selection'
import { ExportSource } from './export/export-source'
import type { ExportRequest, ExportResult } from './export/export-types'
import { FORMATS } from './formats'
import { tidyName } from './codecs/table-labels'
import { stopIfCancelled } from './import-dataset'
import type { ImportOptions, ImportWatch } from './import-options'
import { ReferenceCache } from './reference-cache'
import { folderOfMeta } from './store/dataset-folder'

/** Examples compared at a time. */
const AT_ONCE = 256
/** JPEG does not keep values exactly; everything else does. */
const JPEG_TOLERANCE = 24 / 255

export interface ExportCheck {
  readonly examples: number
  /** Largest difference of a feature, in the scale of readRows. */
  readonly largestDifference: number
}

/**
 * Read an export back and hold it against what was to be written: number and order of examples, labels, true
 * labels, splits and features.
 * @param scratchParent where what is read back lies meanwhile, if not among this process's temporary files
 * @throws Failure internal naming the first example that differs
 */
export async function verifyExport(
  what: ExampleSelection | ExportRequest,
  result: ExportResult,
  options: ImportOptions = {},
  watch: ImportWatch = {},
  scratchParent?: string
): Promise<ExportCheck> {
  const request: ExportRequest = what instanceof ExampleSelection ? { selection: what } : what
  const scratch =
    scratchParent === undefined
      ? temporaryFolder('check-')
      : mkdtempSync(path.join(scratchParent, 'bilevel-check-'))
  let written: ExampleSelection | undefined
  try {
    // What is kept of its sources lies beside a cache.
    const meta = await new ReferenceCache(path.join(scratch, 'cache'), 'none').resolve(
      result.out,
      { ...options, ...result.readAs, format: result.format },
      watch
    )
    const part = { meta, folder: folderOfMeta(meta), from: 0, to: meta.count }
    written = ExampleSelection.of(result.out, [part]).encodedAs(request.selection)
    return await compare(request, result, written, watch)
  } finally {
    written?.close()
    rmSync(scratch, { recursive: true, force: true })
  }
}

async function compare(
  request: ExportRequest,
  result: ExportResult,
  written: ExampleSelection,
  watch: ImportWatch
): Promise<ExportCheck> {
  const source = new ExportSource(request, undefined)
  const place = new Map(Array.from(source.order, (row, position) => [row, position]))
  if (written.count !== result.count)
    throw differs(result, `it holds ${written.count} examples, not ${result.count}`)
  const { splits } = written.metas[0] ?? { splits: [] }
  if (result.splits.length > 0 && JSON.stringify(splits) !== JSON.stringify(result.splits)) {
    throw differs(result, 'its splits are others')
  }
  const read = FORMATS[result.format].nameReader?.(source.classNames) ?? tidyName
  const nameOf = (names: readonly string[], label: number | undefined): string =>
    read(names[label ?? -1] ?? '?')
  let largestDifference = 0
  for (let from = 0; from < written.count; from += AT_ONCE) {
    // The workbench answers others between two blocks.
    await nextTurn()
    stopIfCancelled(watch)
    watch.onProgress?.(from, written.count, 'comparing')
    const rows = Array.from({ length: Math.min(AT_ONCE, written.count - from) }, (_, i) => from + i)
    const features = written.readRows(rows)
    const size = exampleSize(written.shape)
    rows.forEach((row, i) => {
      const position = place.get(result.order[row]!) ?? -1
      const label = nameOf(source.classNames, source.labels[position])
      if (nameOf(written.classNames, written.labels[row]) !== label) {
        throw differs(
          result,
          `example ${row} is labelled "${nameOf(written.classNames, written.labels[row])}", not "${label}"`
        )
      }
      const truth = source.truth && nameOf(source.classNames, source.truth[position])
      if (truth !== undefined && nameOf(written.classNames, written.truth?.[row]) !== truth) {
        throw differs(result, `the true label of example ${row} is lost`)
      }
      const one = features.subarray(i * size, (i + 1) * size)
      largestDifference = Math.max(largestDifference, difference(one, source, position))
    })
  }
  const tolerance = result.files.some((file) => /\.jpe?g$/i.test(file)) ? JPEG_TOLERANCE : 0.5 / 255
  if (largestDifference > tolerance) throw differs(result, `a feature differs by ${largestDifference}`)
  return { examples: written.count, largestDifference }
}

/** Tables hold pixels as 0..255, and resized images come back in their own size: what cannot be compared is equal. */
function difference(written: Float32Array, source: ExportSource, position: number): number {
  const raw = source.read(position, position + 1)
  if (raw.length !== written.length) return 0
  const scale = raw instanceof Uint8Array ? 255 : 1
  const direct = largest(written, raw, scale)
  return scale === 1 ? direct : Math.min(direct, largest(written, raw, 1) / scale)
}

function largest(written: Float32Array, raw: Uint8Array | Float32Array, scale: number): number {
  let most = 0
  for (let i = 0; i < raw.length; i++)
    most = Math.max(most, Math.abs(written[i]! - Math.fround(raw[i]! / scale)))
  return most
}

function differs(result: ExportResult, why: string): Failure {
  return new Failure(
    'internal',
    `The export ${result.out} does not read back as it was meant: ${why}.`,
    'Do not use it; export it again, in another format if need be.'
  )
}

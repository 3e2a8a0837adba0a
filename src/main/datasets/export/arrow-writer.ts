import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { RecordBatch, Schema } from 'apache-arrow'
import { exampleSize } from '../../../shared/domain/dataset'
import { LABEL_COLUMN_FILE } from '../codecs/table-codec'
import { TRUTH_COLUMN } from '../codecs/table-columns'
import type { DatasetWriter, WriteTarget } from './dataset-writer'
import type { ExportGroup, ExportSource } from './export-source'
import { OutputFile } from './output-file'

/** Bytes that may wait for the disk. */
const MOST_AHEAD = 64 << 20

/** Arrow files, uncompressed: a column a feature, float32 or uint8, then the label, then true_label where it is known. */
export const writeArrow: DatasetWriter = async (source, target) => {
  const { columns, label } = columnsOf(source)
  for (const group of source.groups) {
    await writeGroup(source, group, [...columns, label], target)
  }
  writeFileSync(path.join(target.folder, LABEL_COLUMN_FILE), `${label}\n`)
  return undefined
}

function columnsOf(source: ExportSource): { columns: readonly string[]; label: string } {
  const prefix = source.shape.length === 1 ? 'x' : 'pixel'
  const columns =
    source.columns ?? Array.from({ length: exampleSize(source.shape) }, (_, i) => `${prefix}${i}`)
  const known = source.layoutFor('arrow').labelColumn
  let label = typeof known === 'string' ? known : 'label'
  while (columns.includes(label)) label += '_'
  return { columns, label }
}

async function writeGroup(
  source: ExportSource,
  group: ExportGroup,
  names: readonly string[],
  target: WriteTarget
): Promise<void> {
  const arrow = await import('apache-arrow')
  const { Field, Float32, makeData, RecordBatch, RecordBatchFileWriter, Schema, Struct, Uint8, Utf8 } = arrow
  const header = source.truth ? [...names, TRUTH_COLUMN] : names
  const size = exampleSize(source.shape)
  const type = source.dtype === 'uint8' ? new Uint8() : new Float32()
  const schema: Schema = new Schema(
    header.map((name, i) => new Field(name, i < size ? type : new Utf8(), false))
  )
  let ahead = 0
  async function* batches(): AsyncGenerator<RecordBatch> {
    for (const { from, values } of source.blocks(group.from, group.to)) {
      const length = values.length / size
      const children = Array.from({ length: size }, (_, i) => {
        const data = new (values instanceof Uint8Array ? Uint8Array : Float32Array)(length)
        for (let row = 0; row < length; row++) data[row] = values[row * size + i]!
        return makeData({ type, length, nullCount: 0, data } as Parameters<typeof makeData>[0])
      })
      for (const labels of source.truth ? [source.labels, source.truth] : [source.labels]) {
        const texts = Array.from(labels.subarray(from, from + length), (label) => source.classNames[label]!)
        children.push(arrow.vectorFromArray(texts, new Utf8()).data[0]!)
      }
      ahead += values.byteLength
      yield new RecordBatch(
        schema,
        makeData({ type: new Struct(schema.fields), length, nullCount: 0, children })
      )
      while (ahead > MOST_AHEAD) await new Promise((resolve) => setImmediate(resolve))
      target.progress(from)
    }
  }
  await OutputFile.write(path.join(target.folder, `${group.split ?? 'data'}.arrow`), async (out) => {
    const writer = new RecordBatchFileWriter()
    const writing = (async () => {
      for await (const batch of batches()) writer.write(batch)
      writer.finish()
    })()
    // Met again below; whoever reads is told that nothing more comes.
    writing.catch((error: unknown) => writer.abort(error))
    for await (const piece of writer) {
      await out.write(piece)
      ahead = Math.max(0, ahead - piece.byteLength)
    }
    await writing
  })
}

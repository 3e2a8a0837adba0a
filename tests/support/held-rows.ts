import type { ExampleSource } from '@engine/tasks/shared/task-run'
import { exampleSize } from '@shared/domain/dataset'

/** Examples whose features and labels are held. @param features row-major [labels, ...shape] */
export function heldRows(
  features: Float32Array,
  labels: Int32Array,
  classNames: string[],
  shape: readonly number[] = [features.length / labels.length]
): ExampleSource {
  const size = exampleSize(shape)
  return {
    count: labels.length,
    shape,
    classNames,
    labels,
    readRows: (rows) => {
      const out = new Float32Array(rows.length * size)
      for (let i = 0; i < rows.length; i++) {
        out.set(features.subarray(rows[i]! * size, (rows[i]! + 1) * size), i * size)
      }
      return out
    }
  }
}

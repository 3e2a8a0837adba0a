import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { breach } from '../../scripts/eslint/rooms.mjs'

const at = (file: string): string => path.resolve(import.meta.dirname, '../..', file)

describe('the room table', () => {
  test.for([
    ['src/engine/bilevel/penalty.ts', '../layers/dense'],
    ['src/engine/tasks/denoising/train.ts', '../../backends'],
    ['src/engine/tasks/denoising/train.ts', 'node:fs'],
    ['src/main/datasets/index.ts', '@tensorflow/tfjs-core'],
    ['src/main/runs/run-store.ts', '../../engine/models/network'],
    ['src/main/shells/cli/demo.ts', '../../../engine/tasks/denoising'],
    ['src/main/jobs/index.ts', '@support/command'],
    ['src/main/shells/cli/demo.ts', 'electron'],
    ['src/shared/domain/run.ts', 'node:path'],
    ['src/renderer/features/review/review.store.ts', '../export/export.store'],
    ['src/renderer/features/review/panel.ts', 'echarts']
  ] as const)('refuses %s importing %s', ([file, specifier]) => {
    expect(breach(at(file), specifier)).toBeTypeOf('string')
  })

  test.for([
    ['src/engine/bilevel/penalty.ts', '@tensorflow/tfjs-core'],
    ['src/engine/tasks/denoising/train.ts', '../../bilevel/methods/penalty'],
    ['src/main/runs/worker/index.ts', '../../../engine/tasks/denoising'],
    ['src/main/shells/electron/window.ts', 'electron'],
    ['src/renderer/charts/loss.ts', 'echarts'],
    ['src/renderer/features/review/panel.ts', './review.store']
  ] as const)('allows %s importing %s', ([file, specifier]) => {
    expect(breach(at(file), specifier)).toBeUndefined()
  })
})

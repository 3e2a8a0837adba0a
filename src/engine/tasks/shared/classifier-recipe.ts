import type { TrainingRecipe } from './classifier-training'

/** Enough steps for a small set, enough epochs for a large one. */
export function classifierRecipe(model: string, count: number): TrainingRecipe {
  const batchSize = clamp(count / 20, 16, 128)
  const batches = Math.ceil(count / batchSize)
  if (model === 'logistic') {
    return { epochs: Math.max(25, Math.ceil(2000 / batches)), batchSize, learningRate: 3e-3, l2: 0 }
  }
  if (model === 'mlp') {
    return { epochs: Math.max(20, Math.ceil(1200 / batches)), batchSize, learningRate: 1e-3, l2: 0 }
  }
  return { epochs: Math.max(8, Math.ceil(300 / batches)), batchSize, learningRate: 1e-3, l2: 0 }
}

function clamp(value: number, least: number, most: number): number {
  return Math.round(Math.min(Math.max(value, least), most))
}

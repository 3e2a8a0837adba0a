import type { Random } from '../../shared/numerics/random'

/** Uniform in ±sqrt(6 / (fanIn + fanOut)) (Glorot and Bengio 2010), for tanh, sigmoid and linear outputs. */
function glorotUniform(random: Random, size: number, fanIn: number, fanOut: number): Float32Array {
  const limit = Math.sqrt(6 / (fanIn + fanOut))
  return Float32Array.from({ length: size }, () => (2 * random.uniform() - 1) * limit)
}

/** Normal with variance 2 / fanIn (He et al. 2015), for layers before a ReLU. */
function heNormal(random: Random, size: number, fanIn: number): Float32Array {
  const deviation = Math.sqrt(2 / fanIn)
  return Float32Array.from({ length: size }, () => random.normal() * deviation)
}

export function zeros(size: number): Float32Array {
  return new Float32Array(size)
}

export type KernelInitialiser = 'glorot' | 'he' | 'zeros'

export function initialKernel(
  kind: KernelInitialiser,
  random: Random,
  size: number,
  fanIn: number,
  fanOut: number
): Float32Array {
  if (kind === 'glorot') return glorotUniform(random, size, fanIn, fanOut)
  return kind === 'he' ? heNormal(random, size, fanIn) : zeros(size)
}

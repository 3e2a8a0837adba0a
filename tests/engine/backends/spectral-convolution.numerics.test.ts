import {
  conv2d,
  conv2dTranspose,
  engine,
  memory,
  randomUniform,
  slice,
  slice1d,
  tensor1d,
  tensor3d,
  tidy
} from '@tensorflow/tfjs-core'
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { convolution } from '@engine/tensors/kernels'
import { diagnoseBackends, selectBackend } from '@engine/backends'
import { ComposedSpectralConvolution } from '@engine/backends/kernels/composed-spectral'
import { NativeOps } from '@engine/backends/kernels/native-ops'
import { SpectralConvolution, spectralPays } from '@engine/backends/kernels/spectral-convolution'
import type { ConvolutionShape } from '@engine/backends/kernels/spectral-convolution'
import { frequenciesOf, spectrumOf } from '@engine/backends/kernels/spectrum'

const findings = await diagnoseBackends()
const native = findings.some(({ name, available }) => name.startsWith('native') && available)

type Shape4D = [number, number, number, number]

/** The second layer of the paper's MNIST network, and sides that are odd, differ or are all the kernel's. */
const SHAPES = [
  { batch: 20, height: 12, width: 12, size: 5, channels: 64, filters: 128 },
  { batch: 3, height: 7, width: 9, size: 3, channels: 2, filters: 5 },
  { batch: 2, height: 6, width: 5, size: 4, channels: 3, filters: 1 },
  { batch: 2, height: 4, width: 4, size: 4, channels: 1, filters: 2 },
  { batch: 1, height: 5, width: 6, size: 1, channels: 2, filters: 2 }
]

function uniform(shape: Shape4D, seed: number): Tensor4D {
  return randomUniform(shape, -1, 1, 'float32', seed)
}

/** ||a - b|| / ||b|| */
function deviation(a: Tensor, b: Tensor): number {
  expect(a.shape).toEqual(b.shape)
  const [found, expected] = [a.dataSync(), b.dataSync()]
  let [off, size] = [0, 0]
  expected.forEach((value, i) => {
    off += (found[i]! - value) ** 2
    size += value ** 2
  })
  return Math.sqrt(off / size)
}

test('a real image of n points has n frequencies’ worth of numbers', () => {
  for (const [height, width] of [
    [12, 12],
    [7, 9],
    [6, 5],
    [1, 1]
  ] as const) {
    expect(spectrumOf({ height, width, size: 1 }).frequencies).toBe(frequenciesOf(height, width))
  }
})

type Spectral = Pick<SpectralConvolution, 'output' | 'inputGradient' | 'kernelGradient'>

const MAKERS: Record<string, (shape: ConvolutionShape) => Spectral> = {
  native: (shape) => new SpectralConvolution(new NativeOps(), shape),
  wasm: (shape) => new ComposedSpectralConvolution(shape)
}

describe.each(['native', 'wasm'] as const)('convolutions by frequencies, on %s', (backend) => {
  const there = backend === 'wasm' || native
  test.skipIf(!there).each(SHAPES)(
    '$height x $width, kernel $size, $channels to $filters: as directly',
    async (shape) => {
      await selectBackend(backend)
      const { batch, height, width, size, channels, filters } = shape
      const spectral = MAKERS[backend]!(shape)
      tidy(() => {
        const x = uniform([batch, height, width, channels], 1)
        const kernel = uniform([size, size, channels, filters], 2)
        const dy = uniform([batch, height - size + 1, width - size + 1, filters], 3)
        expect(deviation(spectral.output(x, kernel), conv2d(x, kernel, 1, 'valid'))).toBeLessThan(3e-6)
        const direct = { strides: 1, pad: 'valid', dataFormat: 'NHWC', filterShape: kernel.shape }
        const ofKernel = engine().runKernel('Conv2DBackpropFilter', { x, dy }, direct) as Tensor
        expect(deviation(spectral.kernelGradient(x, dy), ofKernel)).toBeLessThan(6e-6)
        const ofInput = conv2dTranspose(dy, kernel, x.shape, 1, 'valid')
        expect(deviation(spectral.inputGradient(dy, kernel), ofInput)).toBeLessThan(3e-6)
      })
    }
  )
})

test('WebAssembly takes rows out of its memory as tfjs does', async () => {
  await selectBackend('wasm')
  tidy(() => {
    const values = Array.from({ length: 24 }, (_, i) => i)
    const x = tensor3d(values, [4, 3, 2])
    const taken = (begin: number[], size: number[]): number[] => [...slice(x, begin, size).dataSync()]
    expect(taken([1, 0, 0], [2, 3, 2])).toEqual(values.slice(6, 18))
    expect(taken([3, 0, 0], [-1, -1, -1])).toEqual(values.slice(18))
    expect(taken([1, 1, 0], [1, 2, 2])).toEqual(values.slice(8, 12))
    expect(taken([0, 0, 1], [2, 1, 1])).toEqual([1, 7])
    expect([...slice1d(tensor1d(values), 5, 3).dataSync()]).toEqual([5, 6, 7])
    expect([...slice(tensor1d(values, 'int32'), [2], [2]).dataSync()]).toEqual([2, 3])
  })
})

describe.skipIf(!native)('convolutions by frequencies', () => {
  beforeAll(async () => {
    await selectBackend('native')
  })

  test('are taken where they are less work: for large kernels, many channels, no border', () => {
    const ofMnist = { batch: 200, height: 12, width: 12, size: 5, channels: 64, filters: 128 }
    expect(spectralPays(ofMnist)).toBe(true)
    // One channel, one image, a small kernel in a large image.
    expect(spectralPays({ ...ofMnist, height: 28, width: 28, channels: 1 })).toBe(false)
    expect(spectralPays({ ...ofMnist, batch: 1 })).toBe(false)
    expect(spectralPays({ ...ofMnist, height: 32, width: 32, size: 3 })).toBe(false)
  })

  test('nothing is kept but the matrices of a shape', () => {
    const run = (): void =>
      tidy(() => {
        const kernel = uniform([5, 5, 64, 64], 5)
        convolution(uniform([40, 10, 11, 64], 4), kernel, 'valid')
      })
    run()
    const before = memory().numTensors
    run()
    expect(memory().numTensors).toBe(before)
  })
})

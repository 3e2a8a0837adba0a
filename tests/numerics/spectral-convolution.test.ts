import { conv2d, memory, mul, randomUniform, sum, tidy } from '@tensorflow/tfjs-core'
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { convolution, convolutionInputGradient, convolutionKernelGradient } from '@engine/autodiff/kernels'
import { diagnoseBackends, selectBackend } from '@engine/backends'
import { NativeOps } from '@engine/backends/kernels/native-ops'
import { SpectralConvolution, spectralPays } from '@engine/backends/kernels/spectral-convolution'
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

describe.skipIf(!native)('convolutions by frequencies', () => {
  beforeAll(() => selectBackend('native'))

  test.each(SHAPES)('$height x $width, kernel $size, $channels to $filters: as directly', (shape) => {
    const { batch, height, width, size, channels, filters } = shape
    const spectral = new SpectralConvolution(new NativeOps(), shape)
    tidy(() => {
      const x = uniform([batch, height, width, channels], 1)
      const kernel = uniform([size, size, channels, filters], 2)
      const dy = uniform([batch, height - size + 1, width - size + 1, filters], 3)
      expect(deviation(spectral.output(x, kernel), conv2d(x, kernel, 1, 'valid'))).toBeLessThan(3e-6)
      // The gradients are those of <y, dy>, which is linear in x and in the kernel.
      const product = (a: Tensor, b: Tensor): number => sum(mul(a, b)).dataSync()[0]!
      const along = product(spectral.output(x, kernel), dy)
      const scale = Math.sqrt(x.size * dy.size)
      for (const same of [
        product(spectral.inputGradient(dy, kernel), x),
        product(spectral.kernelGradient(x, dy), kernel)
      ]) {
        expect(Math.abs(same - along) / scale).toBeLessThan(1e-5)
      }
      const [ofInput, ofKernel] = [
        convolutionInputGradient(x.shape, dy, kernel, 'valid'),
        convolutionKernelGradient(x, dy, kernel.shape, 'valid')
      ]
      expect(deviation(spectral.inputGradient(dy, kernel), ofInput)).toBeLessThan(3e-6)
      expect(deviation(spectral.kernelGradient(x, dy), ofKernel)).toBeLessThan(3e-6)
    })
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

import { createRequire } from 'node:module'
import path from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
const require = createRequire(import.meta.url)
const wasm = await import('@tensorflow/tfjs-backend-wasm')
const dir = path.join(path.dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'wasm-out')
const factory = require(path.join(dir, 'tfjs-backend-wasm-threaded-simd.js'))
console.log(Object.keys(wasm).length, typeof wasm.BackendWasm, typeof factory)
import { mkdtempSync, writeFileSync } from 'node:fs'
import os from 'node:os'
const wf = path.join(mkdtempSync(path.join(os.tmpdir(), 'wasmw-')), 'worker.cjs')
writeFileSync(wf, require(path.join(dir, 'tfjs-backend-wasm-threaded-simd.worker.js')).wasmWorkerContents.replace(/\n/g, '\\n'))
const n = Number(process.argv[2] ?? 2)
const t0 = performance.now()
const module = await factory({ locateFile: (f: string) => f.endsWith('.worker.js') ? wf : path.join(dir, f) })
module.tfjs = {
  init: module.cwrap('init', null, []),
  initWithThreadsCount: module.cwrap('init_with_threads_count', null, ['number']),
  getThreadsCount: module.cwrap('get_threads_count', 'number', []),
  registerTensor: module.cwrap('register_tensor', null, ['number', 'number', 'number']),
  disposeData: module.cwrap('dispose_data', null, ['number']),
  dispose: module.cwrap('dispose', null, [])
}
wasm.setThreadsCount(n)
tf.removeBackend('wasm')
tf.registerBackend('wasm', () => new wasm.BackendWasm(module), 2)
await tf.setBackend('wasm'); await tf.ready()
console.log('ready', performance.now() - t0, 'threads', module.tfjs.getThreadsCount(), Object.keys(module).filter(k => /thread/i.test(k)))
const a = tf.randomNormal([1024, 1024]) as tf.Tensor2D
for (let i = 0; i < 4; i++) {
  const t = performance.now()
  for (let k = 0; k < 5; k++) { const c = tf.matMul(a, a); if (k === 4) c.dataSync(); c.dispose() }
  console.log((5 * 2 * 1024 ** 3) / (performance.now() - t) / 1e6, 'GFLOP/s')
}
const x = tf.randomNormal([200, 28, 28, 32]) as tf.Tensor4D, w = tf.randomNormal([5, 5, 32, 64]) as tf.Tensor4D
for (let i = 0; i < 3; i++) { const t = performance.now(); tf.conv2d(x, w, 1, 'valid').dispose(); console.log('conv', performance.now() - t) }

console.log(module.PThread && Object.keys(module.PThread))

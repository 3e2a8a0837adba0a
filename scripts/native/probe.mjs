// Does the addon load and compute here? Asked in a process of its own: a library for another processor ends the
// process that loads it.
import { complaint, run, StepFailed } from './program.mjs'

const PROGRAM = `
const b = require(process.argv[1])
const x = b.createTensor([2, 2], b.TF_FLOAT, new Float32Array([1, 2, 3, 4]))
const flag = (name) => ({ name, type: b.TF_ATTR_BOOL, value: false })
const type = { name: 'T', type: b.TF_ATTR_TYPE, value: b.TF_FLOAT }
const [y] = b.executeOp('MatMul', [flag('transpose_a'), flag('transpose_b'), type], [x, x], 1)
const product = Array.from(b.tensorDataSync(y.id))
process.stdout.write('\\nPROBE ' + JSON.stringify({ version: b.TF_Version, gpu: b.isUsingGpuDevice(), product }) + '\\n')
`

/**
 * @param {string} addon path of tfjs_binding.node in its place
 * @returns {Promise<{ version: string, gpu: boolean }>}
 */
export async function probe(addon) {
  const { code, output } = await run([process.execPath, '-e', PROGRAM, addon], {
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2', TF_FORCE_GPU_ALLOW_GROWTH: 'true' },
    seconds: 120
  })
  const line = /^PROBE (.*)$/m.exec(output)?.[1]
  if (code !== 0 || !line) {
    throw new StepFailed(`TensorFlow does not load on this machine (${complaint(output)})`)
  }
  const { version, gpu, product } = JSON.parse(line)
  if (String(product) !== '7,10,15,22') throw new StepFailed('TensorFlow computes a wrong matrix product')
  return { version, gpu }
}

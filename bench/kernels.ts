// Whether this machine's TensorFlow agrees with the compositions of tfjs's own kernels, on the processor or the card:
// npm run bench -- kernels [CPU|GPU]. Exit code 1 where one does not, or where it computes elsewhere than was asked.
import { selectBackend } from '@engine/backends'
import { FUSED_KERNELS, distrustedKernels } from '@engine/backends/kernels/register-kernels'

const [wanted] = process.argv.slice(2)
const { info } = await selectBackend('native')
const distrusted = distrustedKernels()
for (const { name, native } of FUSED_KERNELS) {
  console.log(`${distrusted.includes(name) ? 'DIFFERS' : native ? 'agrees ' : 'composed'} ${name}`)
}
console.log(`${info.version}, ${info.device}, ${info.threads} threads; ${distrusted.length} kernels differ`)
process.exitCode = distrusted.length > 0 || (wanted !== undefined && wanted !== info.device) ? 1 : 0

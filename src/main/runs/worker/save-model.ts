import path from 'node:path'
import { layersModelTopology } from '../../../engine/models/layers-topology'
import type { Network } from '../../../engine/models/network'
import { writeAtomically } from '../../files/write-atomically'

/** model.json and weights.bin in tfjs's layers format: tf.loadLayersModel reads them. */
export async function saveModel(
  dir: string,
  network: Network,
  parameters: Float32Array,
  classNames: readonly string[],
  output: 'probabilities' | 'as it is' = 'probabilities'
): Promise<void> {
  const { topology, weights } = layersModelTopology(network, output)
  await writeAtomically(
    path.join(dir, 'weights.bin'),
    Buffer.from(parameters.buffer, parameters.byteOffset, parameters.byteLength)
  )
  const manifest = {
    format: 'layers-model',
    generatedBy: 'Bilevel Workbench',
    convertedBy: null,
    modelTopology: topology,
    userDefinedMetadata: { classNames, model: network.name },
    weightsManifest: [{ paths: ['weights.bin'], weights }]
  }
  await writeAtomically(path.join(dir, 'model.json'), JSON.stringify(manifest))
}

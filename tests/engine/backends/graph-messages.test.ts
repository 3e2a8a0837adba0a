import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { FLOAT, INT32, savedModel } from '@engine/backends/kernels/graph-messages'

/** TensorFlow's protocol buffers as tfjs-node brings them for reading: an encoder that is not ours. */
const { SavedModel } = createRequire(import.meta.url)('@tensorflow/tfjs-node-gpu/dist/proto/api_pb.js') as {
  SavedModel: { deserializeBinary: (bytes: Uint8Array) => { toObject: () => unknown } }
}

const ARGUMENT = { name: 'x', type: FLOAT }

test('a graph is read as it was written', () => {
  const node = {
    name: 'n',
    op: 'Foo',
    inputs: ['a', 'b:1'],
    attributes: {
      kind: { type: INT32 },
      kinds: { types: [FLOAT, INT32] },
      // Zeros and empty lists are values too, and whole numbers may be negative.
      off: { flag: false },
      none: { integer: 0 },
      many: { integer: 300 },
      windows: { integers: [1, 2, 2, 1] },
      pad: { text: 'VALID' },
      body: { called: 'Step' },
      factor: { float32: 0.5 },
      axes: { int32: [0, -1, 70_000], shape: [3] },
      empty: { int32: [], shape: [0] }
    }
  }
  const outputs = [{ name: 'y', type: FLOAT, value: 'n:z:0' }]
  const bytes = savedModel([node], [{ name: 'Descent', inputs: [ARGUMENT], outputs, nodes: [node] }], 'tag')
  const read = SavedModel.deserializeBinary(bytes).toObject()

  const expectedNode = {
    name: 'n',
    op: 'Foo',
    inputList: ['a', 'b:1'],
    // Sorted as they are read.
    attrMap: [
      [
        'axes',
        { tensor: { dtype: INT32, intValList: [0, -1, 70_000], tensorShape: { dimList: [{ size: 3 }] } } }
      ],
      ['body', { func: { name: 'Step' } }],
      ['empty', { tensor: { dtype: INT32, intValList: [], tensorShape: { dimList: [{ size: 0 }] } } }],
      ['factor', { tensor: { dtype: FLOAT, floatValList: [0.5] } }],
      ['kind', { type: INT32 }],
      ['kinds', { list: { typeList: [FLOAT, INT32] } }],
      ['many', { i: 300 }],
      ['none', { i: 0 }],
      ['off', { b: false }],
      ['pad', { s: Buffer.from('VALID').toString('base64') }],
      ['windows', { list: { iList: [1, 2, 2, 1] } }]
    ]
  }
  const argument = (name: string): object => ({ name, type: FLOAT })
  expect(read).toMatchObject({
    savedModelSchemaVersion: 1,
    metaGraphsList: [
      {
        metaInfoDef: { tagsList: ['tag'] },
        graphDef: {
          nodeList: [expectedNode],
          library: {
            functionList: [
              {
                signature: { name: 'Descent', inputArgList: [argument('x')], outputArgList: [argument('y')] },
                nodeDefList: [expectedNode],
                retMap: [['y', 'n:z:0']]
              }
            ]
          },
          versions: { producer: 1087 }
        }
      }
    ]
  })
})

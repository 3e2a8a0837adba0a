import { createWriteStream } from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import yazl from 'yazl'

/** A wheel made of the given files. */
export async function makeWheel(
  folder: string,
  name: string,
  files: Readonly<Record<string, string>>
): Promise<string> {
  const zip = new yazl.ZipFile()
  for (const [inside, text] of Object.entries(files)) zip.addBuffer(Buffer.from(text), inside)
  zip.end()
  const file = path.join(folder, name)
  await pipeline(zip.outputStream, createWriteStream(file))
  return file
}

/** What TensorFlow's CUDA wheel contains, in miniature: the libraries are no libraries. */
export const TENSORFLOW_FILES: Readonly<Record<string, string>> = {
  'tensorflow/libtensorflow_cc.so.2': 'not a library',
  'tensorflow/libtensorflow_framework.so.2': 'not a library either',
  'tensorflow/include/tensorflow/c/c_api.h':
    '#include "tensorflow/c/tf_near.h"\n  #  include <absl/strings/cord.h>\n#include <cstdint>\n',
  'tensorflow/include/tensorflow/c/tf_near.h': '#include "sibling.h"\n#include "tensorflow/c/c_api.h"\n',
  'tensorflow/include/tensorflow/c/sibling.h': '#error "these headers are not TensorFlow\'s"\n',
  'tensorflow/include/absl/strings/cord.h': '\n',
  'tensorflow/include/tensorflow/c/eager/c_api.h': '\n',
  'tensorflow/include/tensorflow/unrelated.h': '\n',
  'tensorflow/python/unrelated.py': '\n',
  'tensorflow-2.99.0.dist-info/METADATA': [
    'Name: tensorflow',
    'Requires-Dist: numpy>=1.26.0',
    'Requires-Dist: nvidia-cublas-cu12<13.0,>=12.5.3.2; extra == "and-cuda"',
    'Requires-Dist: nvidia-nccl-cu12 (<3.0,>=2.27.7) ; extra == "and-cuda"',
    ''
  ].join('\n')
}

import { availableParallelism } from 'node:os'
import path from 'node:path'
import type * as Runtime from 'onnxruntime-node'
import type { InferenceSession, Tensor } from 'onnxruntime-node'
import { badInput, Failure } from '../../../shared/domain/failure'
import { halfFloats } from '../../file-formats/npy'

/** What a model says of one of its inputs or outputs. */
export interface ValueFacts {
  readonly name: string
  readonly type: string
  /** Sides; a name or -1 where any size fits. */
  readonly shape: readonly (number | string)[]
}

/** An ONNX model that is ready to run. */
export interface OnnxModel {
  readonly runtime: typeof Runtime
  readonly session: InferenceSession
  readonly inputs: readonly ValueFacts[]
  readonly outputs: readonly ValueFacts[]
  readonly file: string
}

/** @throws Failure backend-unavailable where the runtime cannot be loaded, bad-input where the model cannot */
export async function loadModel(file: string): Promise<OnnxModel> {
  const runtime = await loadRuntime()
  const session = await createSession(runtime, file)
  return {
    runtime,
    session,
    inputs: session.inputMetadata.map(factsOf),
    outputs: session.outputMetadata.map(factsOf),
    file
  }
}

/** From 1.29 on its builds tell their makers of each model, unless this is set before they are loaded. */
const SILENT = 'ORT_DISABLE_TELEMETRY'

async function loadRuntime(): Promise<typeof Runtime> {
  process.env[SILENT] = '1'
  try {
    return await import('onnxruntime-node')
  } catch (error) {
    const [said = ''] = String(error instanceof Error ? error.message : error).split('\n')
    throw new Failure(
      'backend-unavailable',
      `ONNX Runtime cannot be loaded on this machine (${process.platform}, ${process.arch}): ${said}`,
      'It exists for Linux, macOS and Windows on x64 and arm64: install the workbench again (npm ci), or compute the features elsewhere and import them as NPZ.',
      { cause: error }
    )
  }
}

async function createSession(runtime: typeof Runtime, file: string): Promise<InferenceSession> {
  try {
    return await runtime.InferenceSession.create(file, {
      // The runtime keeps the thread that asks until a batch is done: batches never run side by side, but pictures are
      // decoded meanwhile.
      intraOpNumThreads: availableParallelism(),
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      // Warnings of the optimiser are for those who export models.
      logSeverityLevel: 3
    })
  } catch (error) {
    throw badInput(
      `${file} cannot be run as an ONNX model: ${reasonOf(error)}`,
      'Copy the extractor again from where it came, or choose another.',
      error
    )
  }
}

function factsOf(value: InferenceSession.ValueMetadata): ValueFacts {
  return value.isTensor
    ? { name: value.name, type: value.type, shape: value.shape }
    : { name: value.name, type: 'none', shape: [] }
}

/** @returns the output as float32, with its sides @throws Failure bad-input where the model refuses its input */
export async function runModel(
  { session, file }: OnnxModel,
  feeds: Readonly<Record<string, Tensor>>,
  output: string
): Promise<{ readonly data: Float32Array; readonly dims: readonly number[] }> {
  let tensor: Tensor | undefined
  try {
    tensor = (await session.run(feeds, [output]))[output]
  } catch (error) {
    throw badInput(
      `${path.basename(file)} of the extractor refuses its input: ${reasonOf(error)}`,
      'Choose another extractor, or correct the sizes in its preprocessor_config.json.',
      error
    )
  }
  if (!tensor) throw badInput(`${file} gives no "${output}".`, 'Choose another extractor.')
  return { data: floatsOf(tensor), dims: tensor.dims }
}

function floatsOf({ data, type }: Tensor): Float32Array {
  if (data instanceof Float32Array) return data
  if (type === 'float16' && data instanceof Uint16Array) return halfFloats(data)
  if (ArrayBuffer.isView(data) && type !== 'string')
    return Float32Array.from(data as ArrayLike<number>, Number)
  throw badInput(`The extractor gives values of type ${type}.`, 'Choose an extractor that gives numbers.')
}

/** The first line of what the runtime says, without its codes and places. */
function reasonOf(error: unknown): string {
  const [said = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
  const plain = said.replace(/^.*?(?:Error|ONNXRuntimeError)[ :]*/i, '').trim() || said
  return plain.length > 300 ? `${plain.slice(0, 300)}...` : plain
}

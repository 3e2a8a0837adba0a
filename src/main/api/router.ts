import { implement } from '@orpc/server'
import { contract } from '../../shared/contract'
import { annotationProcedures } from './annotation-handlers'
import { binProcedures } from './bin-handlers'
import type { ApiContext } from './context'
import { datasetProcedures } from './dataset-handlers'
import { extractorProcedures } from './extractor-handlers'
import { exportProcedures } from './export-handlers'
import { apiError, withFailures } from './failures'
import { gpuProcedures } from './gpu-handlers'
import { jobProcedures } from './job-handlers'
import { licenceProcedures } from './licence-handlers'
import { patiently } from './patience'
import { placeProcedures } from './place-handlers'
import { poisonProcedures } from './poison-handlers'
import { reviewProcedures } from './review-handlers'
import { runProcedures } from './run-handlers'
import { sweepProcedures } from './sweep-handlers'
import { syntheticCurves } from './synthetic-curves'
import { surveyProcedures } from './survey-handlers'
import { systemProcedures } from './system-handlers'
import { tableProcedures } from './table-handlers'
import { trustProcedures } from './trust-handlers'
import { updateProcedures } from './update-handlers'
import { withWindowWords } from './window-sentences'

const os = implement(contract)
  .$context<ApiContext>()
  .use(async ({ context, next }) => {
    const { dir } = context.workspace
    try {
      const { output, ...rest } = await patiently(() => next())
      const worded = isStream(output) ? withFailures(output, dir) : withWindowWords(output, dir)
      return { ...rest, output: worded as typeof output }
    } catch (error) {
      throw apiError(error, dir)
    }
  })

/** What streams its answers: each is said in the window's words, and so is its failure. */
function isStream(output: unknown): output is AsyncIterable<unknown> {
  return typeof output === 'object' && output !== null && Symbol.asyncIterator in output
}

/** The API: each group of the contract with its handlers. One without fails compilation, and so does a procedure. */
export const router = os.router({
  system: systemProcedures,
  datasets: datasetProcedures,
  annotations: annotationProcedures,
  tables: tableProcedures,
  bin: binProcedures,
  extractors: extractorProcedures,
  trust: trustProcedures,
  runs: runProcedures,
  sweeps: sweepProcedures,
  places: placeProcedures,
  poisons: poisonProcedures,
  synthetic: {
    curves: os.synthetic.curves.handler(({ context, input }) => syntheticCurves(context, input.run))
  },
  reviews: reviewProcedures,
  surveys: surveyProcedures,
  exports: exportProcedures,
  jobs: jobProcedures,
  licences: licenceProcedures,
  updates: updateProcedures,
  gpu: gpuProcedures
})

import { createRouterClient } from '@orpc/server'
import type { RouterClient } from '@orpc/server'
import { annotationProcedures } from '@main/api/annotation-handlers'
import { exportProcedures } from '@main/api/export-handlers'
import type { ExportContext } from '@main/api/export-handlers'
import { poisonProcedures } from '@main/api/poison-handlers'
import { reviewProcedures } from '@main/api/review-handlers'
import type { ResultsContext } from '@main/api/run-results'
import { trustProcedures } from '@main/api/trust-handlers'
import type { TrustContext } from '@main/api/trust-handlers'

// Groups of the API without a transport and without the rest of the workbench: what they throw is a Failure.

export const reviewsOf = (context: ResultsContext): RouterClient<typeof reviewProcedures> =>
  createRouterClient(reviewProcedures, { context })

export const annotationsOf = (context: ResultsContext): RouterClient<typeof annotationProcedures> =>
  createRouterClient(annotationProcedures, { context })

export const exportsOf = (context: ExportContext): RouterClient<typeof exportProcedures> =>
  createRouterClient(exportProcedures, { context })

export const trustOf = (context: TrustContext): RouterClient<typeof trustProcedures> =>
  createRouterClient(trustProcedures, { context })

export const poisonsOf = (context: ResultsContext): RouterClient<typeof poisonProcedures> =>
  createRouterClient(poisonProcedures, { context })

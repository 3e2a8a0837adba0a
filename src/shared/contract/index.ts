// The API of the workbench: one contract for the desktop window (message port) and the served one (web socket).
import type { ContractRouterClient } from '@orpc/contract'
import { annotations } from './annotations'
import { bin } from './bin'
import { datasets, trust } from './datasets'
import { extractors } from './extractors'
import { gpu } from './gpu'
import { jobs } from './jobs'
import { licences } from './licences'
import { places } from './places'
import { poisons } from './poisons'
import { exports, reviews } from './reviews'
import { runs } from './runs'
import { sweeps } from './sweeps'
import { synthetic } from './synthetic'
import { surveys } from './surveys'
import { system } from './system'
import { tables } from './tables'
import { updates } from './updates'

export const contract = {
  system,
  datasets,
  annotations,
  tables,
  extractors,
  trust,
  runs,
  sweeps,
  places,
  poisons,
  synthetic,
  reviews,
  surveys,
  exports,
  jobs,
  bin,
  licences,
  updates,
  gpu
}

export type WorkbenchClient = ContractRouterClient<typeof contract>
export { FAILURE_STATUS } from './base'
export type { ActProgress } from './base'
export type { GpuPack, GpuState } from './gpu'
export type { ShippedComponent } from './licences'
export type { FolderEntry, Leftover, SystemInfo } from './system'
export type { ExtractorLists, ListedExtractor } from './extractors'
export type { FeatureValue, SourceChoice } from './datasets'
export type { ExportManifest, UndecidedPolicy } from './reviews'

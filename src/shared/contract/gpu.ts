import * as z from 'zod'
import { job } from '../domain/job'
import { procedure } from './base'

export const gpuState = z.object({
  /** The native build in place: the CPU's or that for NVIDIA cards; null where there is none. */
  build: z.enum(['cpu', 'cuda']).nullable(),
  /** Whether an NVIDIA driver is there. */
  hasDriver: z.boolean(),
  /** Why the libraries cannot be put in place here, a sentence; null where they can. */
  obstacle: z.string().nullable()
})
export type GpuState = z.infer<typeof gpuState>

/** What would be fetched. */
export const gpuPack = z.object({
  bytes: z.number(),
  files: z.int(),
  /** Hosts. */
  sources: z.array(z.string())
})
export type GpuPack = z.infer<typeof gpuPack>

/** The libraries for an NVIDIA card: gigabytes, which nothing but `install` fetches. */
export const gpu = {
  state: procedure.output(gpuState),
  /** Asks the package index of this machine; takes some seconds. */
  list: procedure.output(gpuPack),
  install: procedure.output(job)
}

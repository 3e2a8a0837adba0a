import { existsSync } from 'node:fs'
import { implement } from '@orpc/server'
import { gpu } from '../../shared/contract/gpu'
import { PACK_TITLE } from '../../shared/domain/job'
import {
  bytesOf,
  installPack,
  listPack,
  packCache,
  packObstacle,
  presentBuild,
  sourcesOf
} from '../native-pack'
import type { ApiContext } from './context'
import { orderKey } from './order-key'

const os = implement(gpu).$context<ApiContext>()

export const gpuProcedures = os.router({
  state: os.state.handler(() => ({
    build: presentBuild()?.build ?? null,
    hasDriver: existsSync('/proc/driver/nvidia/version'),
    obstacle: packObstacle() ?? null
  })),
  list: os.list.handler(async () => {
    const files = await listPack()
    return { bytes: bytesOf(files), files: files.length, sources: sourcesOf(files) }
  }),
  install: os.install.handler(({ context: { jobs } }) => {
    const { job } = jobs.start({
      kind: 'fetch',
      title: PACK_TITLE,
      subject: { source: null, dataset: null, run: null, out: null },
      key: orderKey({ pack: 'cuda' }),
      perform: async ({ signal, onProgress }) => {
        const files = await listPack()
        const total = bytesOf(files)
        await installPack(files, packCache(), {
          signal,
          onProgress: (done, all, file) => onProgress(done, all, `fetching ${file.split('-')[0]}`),
          say: () => onProgress(total, total, 'putting them in place')
        })
        return files.length
      },
      summarise: (fileCount) => ({ type: 'pack', fileCount })
    })
    return job
  })
})

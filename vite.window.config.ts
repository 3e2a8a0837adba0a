import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'
import type { Rollup } from 'vite'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Too large for a page that draws no chart to wait for. */
const CHARTS = /[\\/](echarts|zrender)[\\/]|[\\/]src[\\/]renderer[\\/]charts[\\/]/

/** The page that the window begins with: what others do not need of it, and it not of others, it does not wait for. */
const HOME = /[\\/]datasets-page\.vue$/

const START = 'the start of the window'
let usersOfAll: Map<string, Set<string>> | undefined

/**
 * What several pages share is in two files, one for the home page and one for the others, instead of one for each set of
 * pages that share it: a page waits for a few answers, not for thirty.
 */
function sharedByPages(
  id: string,
  { getModuleIds, getModuleInfo }: Rollup.ManualChunkMeta
): string | undefined {
  usersOfAll ??= usersOf([...getModuleIds()], getModuleInfo)
  const users = [...(usersOfAll.get(id) ?? [])]
  if (users.length < 2 || users.includes(START) || CHARTS.test(id)) return undefined
  return users.some((user) => HOME.test(user)) ? 'shared-with-home' : 'shared'
}

/** Of each module the pages that need it, and the start of the window where it does. */
function usersOf(ids: readonly string[], infoOf: Rollup.GetModuleInfo): Map<string, Set<string>> {
  const users = new Map<string, Set<string>>()
  const use = (id: string, user: string): void => {
    const known = users.get(id) ?? new Set()
    if (known.has(user)) return
    users.set(id, known.add(user))
    for (const imported of infoOf(id)?.importedIds ?? []) use(imported, user)
  }
  for (const id of ids) {
    const info = infoOf(id)
    if (info?.isEntry) use(id, START)
    else if (info?.dynamicImporters.length) use(id, id)
  }
  return users
}

/** The window, the same for the desktop and for a browser; `bilevel start` builds it alone when it is missing. */
export default defineConfig({
  root: at('./src/renderer'),
  // Relative, so that the page also works from a file.
  base: './',
  resolve: { alias: { '@shared': at('./src/shared'), '@renderer': at('./src/renderer') } },
  plugins: [vue()],
  build: {
    outDir: at('./out/renderer'),
    emptyOutDir: true,
    chunkSizeWarningLimit: 1500,
    rollupOptions: {
      input: at('./src/renderer/index.html'),
      output: { manualChunks: sharedByPages, onlyExplicitManualChunks: true }
    }
  }
})

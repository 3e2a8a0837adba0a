import { fileURLToPath } from 'node:url'
import { defineConfig } from 'electron-vite'
import type { UserConfig } from 'electron-vite'
import { BUNDLED, ENTRIES, TFJS } from './bin/built-entry.mjs'
import window from './vite.window.config'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const alias = {
  '@shared': at('./src/shared'),
  '@engine': at('./src/engine'),
  '@main': at('./src/main'),
  '@renderer': at('./src/renderer')
}

/** One part alone, in a folder of its own, as scripts/build/parts.mjs builds; by default all, in out. */
const { BILEVEL_PART: part, BILEVEL_BUILD_FOLDER: folder } = process.env
const outDir = (name: string): string => `${folder ?? at('./out')}/${name}`

const parts = {
  main: {
    resolve: { alias: { ...alias, '@tensorflow/tfjs-core': at(`./${TFJS}`) } },
    build: {
      outDir: outDir('main'),
      // Else its name stays as it is, and the alias is never asked.
      externalizeDeps: { exclude: ['@tensorflow/tfjs-core', ...BUNDLED] },
      rollupOptions: {
        input: {
          index: at('./src/main/index.ts'),
          ...Object.fromEntries(Object.entries(ENTRIES).map(([name, source]) => [name, at(source)]))
        },
        // Flat, so that a chunk finds the other entries beside itself.
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' }
      }
    }
  },
  preload: {
    resolve: { alias },
    // A sandboxed preload script cannot be an ES module.
    build: {
      outDir: outDir('preload'),
      rollupOptions: {
        input: at('./src/preload/index.ts'),
        output: { format: 'cjs', entryFileNames: 'index.js' }
      }
    }
  },
  renderer: window
} satisfies UserConfig

export default defineConfig(part === 'main' || part === 'preload' ? { [part]: parts[part] } : parts)

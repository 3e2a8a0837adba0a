import { fileURLToPath } from 'node:url'
import { defineConfig } from 'electron-vite'
import { ENTRIES, TFJS } from './bin/built-entry.mjs'
import window from './vite.window.config'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const alias = {
  '@shared': at('./src/shared'),
  '@engine': at('./src/engine'),
  '@main': at('./src/main'),
  '@renderer': at('./src/renderer')
}

export default defineConfig({
  main: {
    resolve: { alias: { ...alias, '@tensorflow/tfjs-core': at(`./${TFJS}`) } },
    build: {
      // Else its name stays as it is, and the alias is never asked.
      externalizeDeps: { exclude: ['@tensorflow/tfjs-core'] },
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
      rollupOptions: {
        input: at('./src/preload/index.ts'),
        output: { format: 'cjs', entryFileNames: 'index.js' }
      }
    }
  },
  renderer: window
})

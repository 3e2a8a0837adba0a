import { fileURLToPath } from 'node:url'
import { defineConfig } from 'electron-vite'
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
    resolve: { alias },
    build: {
      rollupOptions: {
        input: {
          index: at('./src/main/index.ts'),
          cli: at('./src/main/shells/cli/index.ts'),
          worker: at('./src/main/runs/worker/index.ts'),
          features: at('./src/main/features/worker/index.ts')
        },
        // Flat, so that a chunk finds worker.js beside itself.
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

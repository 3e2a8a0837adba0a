import { fileURLToPath } from 'node:url'
import { defineConfig } from 'electron-vite'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const alias = {
  '@shared': at('./src/shared'),
  '@engine': at('./src/engine'),
  '@main': at('./src/main')
}

/** The command line and the training process; native modules and packages stay outside the bundles. */
export default defineConfig({
  main: {
    resolve: { alias },
    build: {
      externalizeDeps: true,
      rollupOptions: {
        input: { cli: at('./src/main/shells/cli/index.ts'), worker: at('./src/main/runs/worker/index.ts') },
        // Flat, so that a chunk finds worker.js beside itself.
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' }
      }
    }
  }
})

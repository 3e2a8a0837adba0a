import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

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
    rollupOptions: { input: at('./src/renderer/index.html') }
  }
})

import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const alias = {
  '@shared': at('./src/shared'),
  '@engine': at('./src/engine'),
  '@main': at('./src/main'),
  '@renderer': at('./src/renderer')
}

/** Tests that start the served workbench, or a browser with it. */
const SERVED = [
  'tests/contract/*.test.ts',
  'tests/e2e/*.test.ts',
  'tests/integration/{server,crash}*.test.ts'
]

export default defineConfig({
  plugins: [vue()],
  resolve: { alias },
  test: {
    pool: 'forks',
    // Training processes use every core; two files side by side would only slow each other down.
    maxWorkers: 2,
    // Limits end what hangs and measure nothing: training is real, and a machine that does other work too may take
    // ten times as long.
    testTimeout: 1_200_000,
    hookTimeout: 1_200_000,
    expect: { poll: { timeout: 180_000 } },
    projects: [
      {
        extends: true,
        test: { name: 'served', include: SERVED, globalSetup: './tests/support/build-window.ts' }
      },
      { extends: true, test: { name: 'apart', include: ['tests/**/*.test.ts'], exclude: SERVED } }
    ]
  }
})

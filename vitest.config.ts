import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './tests/support/longest-first'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const alias = {
  '@shared': at('./src/shared'),
  '@engine': at('./src/engine'),
  '@main': at('./src/main'),
  '@renderer': at('./src/renderer'),
  '@support': at('./tests/support')
}

const MINUTE = 60_000
/** Of tests in one process: the slowest takes 3 s on a quiet machine with two cores. */
const QUICK = 10_000
/** Builds the window first. */
const WINDOW = './tests/support/build-window.ts'

/**
 * Kinds of tests: a file's name says its kind (`x.training.test.ts`) and its folder what it tests, as in `src`. Limits end
 * what hangs and measure nothing: a machine that does other work too may take ten times as long.
 */
const KINDS = {
  /** Layers, methods and tasks on TensorFlow, held against known numbers. */
  numerics: { limit: 10 * MINUTE },
  /** Many files, or large ones, written and read. */
  files: { limit: 10 * MINUTE },
  /** Programs of the product, started as a person starts them, that train nothing. */
  programs: { limit: 10 * MINUTE },
  /** Runs that train. */
  training: { limit: 20 * MINUTE },
  /** The workbench as it is served to a browser. */
  served: { limit: 20 * MINUTE, needs: WINDOW },
  /** The window in a browser. */
  browser: { limit: 30 * MINUTE, needs: WINDOW },
  /** The window in a real Electron, where there is one. */
  desktop: { limit: 30 * MINUTE, needs: './tests/support/build-desktop.ts' }
}

const OF_A_KIND = `tests/**/*.{${Object.keys(KINDS).join(',')}}.test.ts`

function project(name: string, include: string, exclude: readonly string[], limit: number, needs?: string) {
  return {
    extends: true as const,
    test: {
      name,
      include: [include],
      exclude: [...exclude],
      testTimeout: limit,
      hookTimeout: Math.max(limit, MINUTE),
      globalSetup: needs === undefined ? [] : [needs]
    }
  }
}

export default defineConfig({
  plugins: [vue()],
  resolve: { alias },
  test: {
    pool: 'forks',
    // Training processes use every core; two files side by side would only slow each other down.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    expect: { poll: { timeout: 3 * MINUTE } },
    projects: [
      project('unit', 'tests/**/*.test.ts', [OF_A_KIND, 'tests/renderer/**'], QUICK),
      project('renderer', 'tests/renderer/**/*.test.ts', [], QUICK),
      ...Object.entries(KINDS).map(([name, kind]) =>
        project(name, `tests/**/*.${name}.test.ts`, [], kind.limit, 'needs' in kind ? kind.needs : undefined)
      )
    ]
  }
})

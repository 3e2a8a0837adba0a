import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './tests/support/longest-first'
import { useRunFolder } from './tests/support/run-folder'

useRunFolder()

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

/**
 * Importing costs more than most tests: files of a kind share their modules, so no test may lean on one being fresh. In the
 * window's tests many put a stand-in in a module's place: each has its own, in a context that is cheaper than a process.
 */
const SHARED = { isolate: false } as const
const OWN = { pool: 'vmThreads' } as const

interface Kind {
  readonly limit: number
  readonly needs?: string
  readonly modules?: typeof SHARED | typeof OWN
}

function project(name: string, include: string, exclude: readonly string[], kind: Kind) {
  const { limit, needs, modules = SHARED } = kind
  return {
    extends: true as const,
    test: {
      ...modules,
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
    setupFiles: ['./tests/support/leaves-nothing.ts'],
    // Many files wait for processes of their own: a third fills two cores, and more would only slow each other down.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    expect: { poll: { timeout: 3 * MINUTE } },
    projects: [
      project('unit', 'tests/**/*.test.ts', [OF_A_KIND, 'tests/renderer/**'], { limit: QUICK }),
      project('renderer', 'tests/renderer/**/*.test.ts', [], { limit: QUICK, modules: OWN }),
      ...Object.entries(KINDS).map(([name, kind]) => project(name, `tests/**/*.${name}.test.ts`, [], kind))
    ]
  }
})

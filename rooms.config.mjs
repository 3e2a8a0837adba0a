// The room table of ARCHITECTURE.md as data. ESLint reads it (eslint.config.mjs), so a breach fails the check.
// A room may import itself and the rooms it lists; external packages are listed apart.
// `packages: '*'` means any package that no other room reserves (see RESERVED).

/** Packages that only the named rooms may import. */
export const RESERVED = {
  electron: ['main/shells/electron', 'preload'],
  'electron-updater': ['main/shells/electron'],
  '@tensorflow/*': [
    'engine/tensors',
    'engine/layers',
    'engine/models',
    'engine/bilevel',
    'engine/numerics',
    'engine/evidence',
    'engine/tasks',
    'engine/tasks/shared',
    'engine/backends',
    'main/runs/worker',
    'tests',
    'bench'
  ],
  echarts: ['renderer/charts'],
  'echarts/*': ['renderer/charts'],
  vue: [
    'renderer',
    'renderer/client',
    'renderer/ui',
    'renderer/charts',
    'renderer/annotations',
    'renderer/features',
    'renderer/app',
    'tests'
  ],
  'twgl.js': ['renderer/charts'],
  libsql: ['main/locks', 'main/runs', 'main/datasets', 'tests', 'bench'],
  '@duckdb/node-api': ['main/datasets', 'main/file-formats', 'tests'],
  papaparse: ['main/file-formats', 'tests'],
  'apache-arrow': ['main/file-formats', 'main/datasets', 'tests', 'bench'],
  sharp: ['main/datasets', 'tests', 'bench'],
  'umap-js': ['main/survey/worker'],
  'onnxruntime-node': ['main/features/worker', 'bench'],
  '@huggingface/tokenizers': ['main/features/worker']
}

/** Rooms, the more specific pattern first. */
export const ROOMS = [
  {
    room: 'shared/domain',
    pattern: 'src/shared/domain',
    mayImport: [],
    node: false,
    packages: ['zod', 'yaml']
  },
  {
    room: 'shared/tasks',
    pattern: 'src/shared/tasks',
    mayImport: ['shared/domain', 'shared/words'],
    node: false,
    packages: ['zod']
  },
  {
    room: 'shared/words',
    pattern: 'src/shared/words',
    mayImport: ['shared/domain'],
    node: false,
    packages: []
  },
  { room: 'shared/numerics', pattern: 'src/shared/numerics', mayImport: [], node: false, packages: [] },
  {
    room: 'shared/contract',
    pattern: 'src/shared/contract',
    mayImport: ['shared/domain'],
    node: false,
    packages: ['zod', '@orpc/contract']
  },
  {
    room: 'engine/tensors',
    pattern: 'src/engine/tensors',
    mayImport: ['shared/domain'],
    node: false,
    packages: ['@tensorflow/tfjs-core']
  },
  {
    room: 'engine/layers',
    pattern: 'src/engine/layers',
    mayImport: ['engine/tensors', 'shared/domain', 'shared/numerics'],
    node: false,
    packages: ['@tensorflow/tfjs-core']
  },
  {
    room: 'engine/models',
    pattern: 'src/engine/models',
    mayImport: ['engine/layers', 'engine/tensors', 'shared/domain', 'shared/numerics'],
    node: false,
    packages: ['@tensorflow/tfjs-core']
  },
  {
    room: 'engine/bilevel',
    pattern: 'src/engine/bilevel',
    mayImport: ['engine/tensors', 'shared/domain'],
    node: false,
    packages: ['@tensorflow/tfjs-core']
  },
  {
    room: 'engine/numerics',
    pattern: 'src/engine/numerics',
    mayImport: ['engine/tensors', 'shared/numerics', 'engine/models'],
    node: false,
    packages: ['@tensorflow/tfjs-core']
  },
  {
    room: 'engine/evidence',
    pattern: 'src/engine/evidence',
    mayImport: ['engine/numerics', 'engine/tensors', 'shared/numerics'],
    node: false,
    packages: ['@tensorflow/tfjs-core']
  },
  {
    room: 'engine/tasks/shared',
    pattern: 'src/engine/tasks/shared',
    mayImport: [
      'engine/bilevel',
      'engine/models',
      'engine/layers',
      'engine/numerics',
      'engine/tensors',
      'shared/domain',
      'shared/numerics'
    ],
    node: false,
    packages: ['@tensorflow/tfjs-core']
  },
  {
    room: 'engine/tasks',
    pattern: 'src/engine/tasks',
    mayImport: [
      'engine/tasks/shared',
      'engine/evidence',
      'engine/bilevel',
      'engine/models',
      'engine/layers',
      'engine/numerics',
      'engine/tensors',
      'shared/domain',
      'shared/numerics'
    ],
    node: false,
    packages: ['@tensorflow/tfjs-core'],
    siblings: false
  },
  {
    room: 'engine/backends',
    pattern: 'src/engine/backends',
    mayImport: ['engine/tensors', 'shared/domain'],
    node: true,
    packages: '*'
  },
  {
    room: 'main/locks',
    pattern: 'src/main/locks',
    mayImport: ['main/files'],
    node: true,
    packages: ['libsql', 'zod']
  },
  {
    room: 'main/processes',
    pattern: 'src/main/processes',
    mayImport: [],
    node: true,
    packages: []
  },
  {
    room: 'main/log',
    pattern: 'src/main/log',
    mayImport: ['main/files', 'shared/domain'],
    node: true,
    packages: []
  },
  {
    room: 'main/native-pack',
    pattern: 'src/main/native-pack',
    mayImport: ['main/files', 'main/log', 'shared/domain'],
    node: true,
    packages: ['zod', 'env-paths']
  },
  {
    room: 'main/files',
    pattern: 'src/main/files',
    mayImport: ['shared/domain'],
    node: true,
    packages: ['zod']
  },
  {
    room: 'main/file-formats',
    pattern: 'src/main/file-formats',
    mayImport: ['main/files', 'shared/domain'],
    node: true,
    packages: '*'
  },
  {
    room: 'main/datasets',
    pattern: 'src/main/datasets',
    mayImport: [
      'main/files',
      'shared/domain',
      'shared/contract',
      'shared/numerics',
      'main/file-formats',
      'main/extractors'
    ],
    node: true,
    packages: '*'
  },
  {
    room: 'main/extractors',
    pattern: 'src/main/extractors',
    mayImport: ['main/files', 'shared/domain'],
    node: true,
    packages: ['zod']
  },
  {
    room: 'main/features/worker',
    pattern: 'src/main/features/worker',
    mayImport: [
      'main/processes',
      'main/features',
      'main/extractors',
      'main/datasets',
      'main/file-formats',
      'shared/domain'
    ],
    node: true,
    packages: ['onnxruntime-node', '@huggingface/tokenizers']
  },
  {
    room: 'main/features',
    pattern: 'src/main/features',
    mayImport: [
      'main/processes',
      'main/extractors',
      'main/datasets',
      'main/files',
      'main/file-formats',
      'main/locks',
      'shared/domain'
    ],
    node: true,
    packages: ['zod']
  },
  {
    room: 'main/reports',
    pattern: 'src/main/reports',
    mayImport: ['shared/domain', 'shared/tasks', 'shared/words'],
    node: true,
    packages: []
  },
  {
    room: 'main/survey/worker',
    pattern: 'src/main/survey/worker',
    mayImport: [
      'main/processes',
      'main/survey',
      'main/datasets',
      'main/file-formats',
      'engine/backends',
      'engine/numerics',
      'shared/domain',
      'shared/numerics'
    ],
    node: true,
    packages: ['umap-js']
  },
  {
    room: 'main/survey',
    pattern: 'src/main/survey',
    mayImport: ['main/processes', 'main/datasets', 'main/features', 'main/files', 'shared/domain'],
    node: true,
    packages: ['zod']
  },
  {
    room: 'main/runs/worker',
    pattern: 'src/main/runs/worker',
    mayImport: [
      'main/processes',
      'engine/tensors',
      'engine/layers',
      'engine/models',
      'engine/bilevel',
      'engine/tasks/shared',
      'engine/tasks',
      'engine/backends',
      'main/datasets',
      'main/files',
      'main/locks',
      'main/runs/protocol',
      'main/extractors',
      'main/features',
      'shared/domain',
      'shared/tasks',
      'shared/numerics',
      'shared/words',
      'main/file-formats'
    ],
    node: true,
    packages: '*'
  },
  {
    room: 'main/runs/protocol',
    pattern: 'src/main/runs/protocol',
    mayImport: ['shared/domain'],
    node: true,
    packages: ['zod']
  },
  {
    room: 'main/runs',
    pattern: 'src/main/runs',
    mayImport: [
      'main/log',
      'main/processes',
      'main/files',
      'main/runs/protocol',
      'main/locks',
      'shared/domain',
      'shared/tasks',
      'shared/contract',
      'shared/numerics',
      'shared/words',
      'main/file-formats'
    ],
    node: true,
    packages: '*'
  },
  {
    room: 'main/jobs',
    pattern: 'src/main/jobs',
    mayImport: ['main/log', 'shared/domain', 'shared/words'],
    node: true,
    packages: []
  },
  {
    room: 'main/api',
    pattern: 'src/main/api',
    mayImport: [
      'main/native-pack',
      'main/log',
      'main/extractors',
      'shared/domain',
      'shared/tasks',
      'shared/contract',
      'shared/numerics',
      'main/files',
      'main/runs',
      'main/runs/protocol',
      'main/datasets',
      'main/survey',
      'main/reports',
      'main/jobs',
      'main/file-formats'
    ],
    node: true,
    packages: '*'
  },
  {
    room: 'main/shells/electron',
    pattern: 'src/main/shells/electron',
    mayImport: [
      'main/log',
      'main/processes',
      'main/shells',
      'main/api',
      'main/runs',
      'main/datasets',
      'main/files',
      'shared/domain',
      'shared/contract',
      'main/file-formats'
    ],
    node: true,
    packages: '*'
  },
  {
    room: 'main/shells',
    pattern: 'src/main/shells',
    mayImport: [
      'main/native-pack',
      'main/log',
      'main/extractors',
      'main/features',
      'main/survey',
      'main/api',
      'main/runs',
      'main/runs/protocol',
      'main/datasets',
      'main/files',
      'shared/domain',
      'shared/tasks',
      'shared/words',
      'shared/contract',
      'main/file-formats'
    ],
    node: true,
    packages: '*'
  },
  { room: 'main', pattern: 'src/main', mayImport: ['main/shells/electron'], node: true, packages: '*' },
  {
    room: 'preload',
    pattern: 'src/preload',
    mayImport: ['shared/contract', 'shared/domain'],
    node: false,
    packages: ['electron']
  },
  {
    room: 'renderer/client',
    pattern: 'src/renderer/client',
    mayImport: ['shared/domain', 'shared/words', 'shared/contract', 'preload'],
    node: false,
    packages: '*'
  },
  {
    room: 'renderer/ui',
    pattern: 'src/renderer/ui',
    mayImport: ['shared/contract', 'shared/domain', 'shared/words', 'shared/numerics'],
    node: false,
    packages: '*'
  },
  {
    room: 'renderer/charts',
    pattern: 'src/renderer/charts',
    mayImport: ['shared/domain', 'shared/words', 'shared/numerics'],
    node: false,
    packages: '*'
  },
  {
    room: 'renderer/annotations',
    pattern: 'src/renderer/annotations',
    mayImport: ['renderer/client', 'renderer/ui', 'shared/domain', 'shared/words'],
    node: false,
    packages: '*'
  },
  {
    room: 'renderer/features',
    pattern: 'src/renderer/features',
    mayImport: [
      'renderer/client',
      'renderer/ui',
      'renderer/charts',
      'renderer/annotations',
      'shared/domain',
      'shared/tasks',
      'shared/words',
      'shared/contract',
      'shared/numerics'
    ],
    node: false,
    packages: '*',
    siblings: false
  },
  {
    room: 'renderer/app',
    pattern: 'src/renderer/app',
    mayImport: [
      'renderer/client',
      'renderer/ui',
      'renderer/charts',
      'renderer/features',
      'shared/domain',
      'shared/words',
      'shared/contract'
    ],
    node: false,
    packages: '*'
  }
]

// The room table of ARCHITECTURE.md as data. ESLint reads it (eslint.config.mjs), so a breach fails the check.

/** Any package that no other room reserves (see RESERVED). */
const ANY = '*'
const TENSORS = ['@tensorflow/tfjs-core']

/**
 * A room is a folder of `src`. It may import itself, the rooms it lists by their floor, and these external packages.
 * Node's own modules are for what runs in Node. `siblings: false`: its folders do not import one another.
 */
function room(name, imports, packages, { siblings } = {}) {
  return {
    room: name,
    pattern: `src/${name}`,
    mayImport: Object.entries(imports).flatMap(([floor, rooms]) =>
      rooms.split(' ').map((inside) => (inside === '.' ? floor : `${floor}/${inside}`))
    ),
    node: /^main\b|^engine\/backends$/.test(name),
    packages,
    siblings
  }
}

/** Rooms, the more specific folder first. */
export const ROOMS = [
  room('shared/domain', {}, ['zod', 'yaml']),
  room('shared/tasks', { shared: 'domain words' }, ['zod']),
  room('shared/words', { shared: 'domain' }, []),
  room('shared/numerics', {}, []),
  room('shared/contract', { shared: 'domain' }, ['zod', '@orpc/contract']),
  room('engine/tensors', { shared: 'domain' }, TENSORS),
  room('engine/layers', { shared: 'domain numerics', engine: 'tensors' }, TENSORS),
  room('engine/models', { shared: 'domain numerics', engine: 'layers tensors' }, TENSORS),
  room('engine/bilevel', { shared: 'domain', engine: 'tensors' }, TENSORS),
  room('engine/numerics', { shared: 'numerics', engine: 'tensors models' }, TENSORS),
  room('engine/evidence', { shared: 'numerics', engine: 'numerics tensors' }, TENSORS),
  room(
    'engine/tasks/shared',
    { shared: 'domain numerics', engine: 'bilevel models layers numerics tensors' },
    TENSORS
  ),
  room(
    'engine/tasks',
    { shared: 'domain numerics', engine: 'tasks/shared evidence bilevel models layers numerics tensors' },
    TENSORS,
    { siblings: false }
  ),
  room('engine/backends', { shared: 'domain', engine: 'tensors' }, ANY),
  room('main/locks', { main: 'files' }, ['libsql', 'zod']),
  room('main/processes', {}, []),
  room('main/log', { shared: 'domain', main: 'files' }, []),
  room('main/native-pack', { shared: 'domain', main: 'files log' }, ['zod', 'env-paths']),
  room('main/files', { shared: 'domain' }, ['zod']),
  room('main/file-formats', { shared: 'domain', main: 'files locks' }, ANY),
  room(
    'main/datasets',
    { shared: 'domain contract numerics', main: 'files locks file-formats extractors' },
    ANY
  ),
  room('main/extractors', { shared: 'domain', main: 'files' }, ['zod']),
  room(
    'main/features/worker',
    { shared: 'domain', main: 'processes features extractors datasets file-formats' },
    ['onnxruntime-node', '@huggingface/tokenizers']
  ),
  room(
    'main/features',
    { shared: 'domain', main: 'processes extractors datasets files file-formats locks' },
    ['zod']
  ),
  room('main/reports', { shared: 'domain tasks words' }, []),
  room(
    'main/survey/worker',
    {
      shared: 'domain numerics',
      engine: 'backends numerics',
      main: 'processes survey datasets file-formats'
    },
    ['umap-js']
  ),
  room('main/survey', { shared: 'domain', main: 'processes datasets features files' }, ['zod']),
  room(
    'main/runs/worker',
    {
      shared: 'domain tasks numerics words',
      engine: 'tensors layers models bilevel tasks/shared tasks backends',
      main: 'processes datasets files locks runs/protocol extractors features file-formats'
    },
    ANY
  ),
  room('main/runs/protocol', { shared: 'domain' }, ['zod']),
  room(
    'main/runs',
    {
      shared: 'domain tasks contract numerics words',
      main: 'log processes files runs/protocol locks file-formats'
    },
    ANY
  ),
  room('main/jobs', { shared: 'domain words', main: 'log' }, []),
  room(
    'main/api',
    {
      shared: 'domain tasks contract numerics',
      main: 'native-pack log extractors files runs runs/protocol datasets survey reports jobs file-formats'
    },
    ANY
  ),
  room(
    'main/shells/electron',
    { shared: 'domain contract', main: 'log processes shells api runs datasets files locks file-formats' },
    ANY
  ),
  room(
    'main/shells',
    {
      shared: 'domain tasks words contract',
      main: 'native-pack log extractors features survey api runs runs/protocol datasets files file-formats'
    },
    ANY
  ),
  room('main', { main: 'shells/electron' }, ANY),
  room('preload', { shared: 'contract domain' }, ['electron']),
  room('renderer/client', { shared: 'domain words contract', preload: '.' }, ANY),
  room('renderer/ui', { shared: 'contract domain words numerics' }, ANY),
  room('renderer/charts', { shared: 'domain words numerics' }, ANY),
  room('renderer/annotations', { shared: 'domain words', renderer: 'client ui' }, ANY),
  room(
    'renderer/features',
    { shared: 'domain tasks words contract numerics', renderer: 'client ui charts annotations' },
    ANY,
    { siblings: false }
  ),
  room('renderer/app', { shared: 'domain words contract', renderer: 'client ui charts features' }, ANY)
]

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

import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { BIN, bilevel, PROJECT, temporaryFolder } from '@support/command'
import { bilevelHere } from '@support/command-here'

const dir = temporaryFolder()
const workspace = ['--workspace', path.join(dir, 'workspace')]

mkdirSync(path.join(dir, 'full'))
writeFileSync(path.join(dir, 'full', 'something'), '')
writeFileSync(path.join(dir, 'broken.yaml'), 'task: [denoising\n')
writeFileSync(path.join(dir, 'unknown-key.yaml'), 'task: denoising\ntrain: a\ntrusted: b\ncolour: red\n')
writeFileSync(path.join(dir, 'unknown-task.yaml'), 'task: dancing\n')
writeFileSync(path.join(dir, 'list.yaml'), '- 1\n- 2\n')
writeFileSync(path.join(dir, 'large.csv'), 'a,b,label\n1,2,x\n1e39,3,y\n')
writeFileSync(path.join(dir, 'empty.csv'), '')

const out = path.join(dir, 'out')
const sample = ['--train', 'sample-digits#train', '--trusted', 'sample-digits#test']

/** Arguments, and what the one line on stderr must name. */
const MISTAKES: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['an unknown command', ['dance'], /dance|help/],
  ['an unknown option', ['denoise', ...sample, '--out', out, '--colour', 'red'], /--colour/],
  ['an unknown model', ['denoise', ...sample, '--out', out, '--model', 'oracle'], /oracle.*logistic/],
  ['negative epochs', ['denoise', ...sample, '--out', out, '--epochs', '-3'], /--epochs/],
  ['a fractional batch size', ['denoise', ...sample, '--out', out, '--batch-size', '1.5'], /--batch-size/],
  ['a seed that is no number', ['denoise', ...sample, '--out', out, '--seed', 'lucky'], /--seed/],
  ['an unknown backend', ['denoise', ...sample, '--out', out, '--backend', 'abacus'], /--backend/],
  ['an unknown method', ['denoise', ...sample, '--out', out, '--method', 'prayer'], /--method/],
  ['no trusted data', ['denoise', '--train', 'sample-digits', '--out', out], /--trusted/],
  ['no output folder', ['denoise', ...sample], /--out/],
  [
    'an output folder that is not empty',
    ['denoise', ...sample, '--out', path.join(dir, 'full')],
    /full.*empty/
  ],
  [
    'an output folder that is a file',
    ['denoise', ...sample, '--out', path.join(dir, 'large.csv')],
    /large\.csv/
  ],
  [
    'an unknown split',
    ['denoise', '--train', 'sample-digits#dev', '--trusted', 'sample-digits#test', '--out', out],
    /dev/
  ],
  [
    'a range past the end',
    ['denoise', '--train', 'sample-digits#train[0:99999]', '--trusted', 'sample-digits#test', '--out', out],
    /99999/
  ],
  [
    'an empty range',
    ['denoise', '--train', 'sample-digits#train[5:5]', '--trusted', 'sample-digits#test', '--out', out],
    /5:5/
  ],
  ['a range that is none', ['datasets', 'show', 'sample-digits#train[a:b]'], /a:b/],
  [
    'a source that is not there',
    ['denoise', '--train', 'nowhere', '--trusted', 'sample-digits', '--out', out],
    /nowhere/
  ],
  [
    'trusted data of another shape',
    ['denoise', '--train', 'sample-digits#train', '--trusted', path.join(dir, 'table.csv'), '--out', out],
    /table\.csv/
  ],
  [
    'a convolutional network for a table',
    [
      'denoise',
      '--train',
      path.join(dir, 'table.csv'),
      '--trusted',
      path.join(dir, 'table.csv'),
      '--model',
      'cnn',
      '--out',
      out
    ],
    /cnn/
  ],
  [
    'trusted data of a single class',
    ['denoise', '--train', 'sample-digits#train', '--trusted', 'sample-digits#train[0:1]', '--out', out],
    /--trusted .* has examples of "0" alone/
  ],
  [
    'too large a number in a table',
    [
      'denoise',
      '--train',
      path.join(dir, 'large.csv'),
      '--trusted',
      path.join(dir, 'table.csv'),
      '--out',
      out
    ],
    /large\.csv, row 2 \(line 3\), column "a": 1e39 is too large/
  ],
  ['an empty table', ['datasets', 'show', path.join(dir, 'empty.csv')], /empty\.csv/],
  ['a file of no known format', ['datasets', 'import', path.join(dir, 'broken.yaml')], /broken\.yaml/],
  ['noise that is no share', ['corrupt', 'sample-digits', '--noise', '1.5', '--out', out], /--noise/],
  ['noise that is not given', ['corrupt', 'sample-digits', '--out', out], /--noise/],
  [
    'an unknown pattern',
    ['corrupt', 'sample-digits', '--noise', '0.5', '--pattern', 'plaid', '--out', out],
    /--pattern/
  ],
  [
    'an unknown export format',
    ['datasets', 'export', 'sample-digits', '--format', 'papyrus', '--out', out],
    /papyrus/
  ],
  ['a spec that is not there', ['run', path.join(dir, 'no.yaml'), '--out', out], /no\.yaml/],
  ['a spec that is no YAML', ['run', path.join(dir, 'broken.yaml'), '--out', out], /broken\.yaml/],
  ['a spec that is no mapping', ['run', path.join(dir, 'list.yaml'), '--out', out], /list\.yaml/],
  [
    'an unknown key in a spec',
    ['run', path.join(dir, 'unknown-key.yaml'), '--out', out],
    /unknown-key\.yaml.*colour/
  ],
  [
    'an unknown task in a spec',
    ['run', path.join(dir, 'unknown-task.yaml'), '--out', out],
    /unknown-task\.yaml.*dancing/
  ],
  ['a run that is not there', ['runs', 'show', 'nobody'], /nobody/]
]

writeFileSync(
  path.join(dir, 'table.csv'),
  `a,b,label\n${Array.from({ length: 20 }, (_, i) => `${i},${i % 3},${i % 2 ? 'x' : 'y'}`).join('\n')}\n`
)

describe('the command line', () => {
  test('tells the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(path.join(PROJECT, 'package.json'), 'utf8')) as {
      version: string
    }
    expect(await bilevel(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })

  test('goes on when whoever reads its answer has enough of it', async () => {
    const child = spawn(process.execPath, [BIN, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.destroy()
    let stderr = ''
    child.stderr.on('data', (chunk) => (stderr += String(chunk)))
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0)
    expect(stderr).toBe('')
  })

  test('help exits 0, names every command and gives examples', async () => {
    const { code, stdout, stderr } = await bilevel(['--help'])
    expect(code).toBe(0)
    expect(stderr).toBe('')
    for (const name of ['doctor', 'datasets', 'corrupt', 'denoise', 'run', 'runs'])
      expect(stdout).toContain(name)
    expect(stdout).toContain('Examples:')
  })

  test('every option of the schema is a flag of denoise', async () => {
    const { stdout } = await bilevelHere(['denoise', '--help'])
    for (const flag of [
      '--lower-steps',
      '--epsilon-0',
      '--nu',
      '--c-gamma',
      '--lr-upper',
      '--max-seconds',
      '--backend',
      '--seed'
    ]) {
      expect(stdout).toContain(flag)
    }
    expect(stdout).toContain('Examples:')
  })

  test('a mistake ends the program as it ends the command', async () => {
    const [, args] = MISTAKES.find(([name]) => name === 'an unknown split')!
    const ended = await bilevel([...args, ...workspace])
    expect(ended).toMatchObject({ code: 2, stdout: '' })
    expect(ended).toEqual(await bilevelHere([...args, ...workspace]))
  })

  test.for(MISTAKES)('%s: exit 2 and one line', async ([, args, named]) => {
    const { code, stdout, stderr } = await bilevelHere([...args, ...workspace])
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(stderr).toMatch(named)
    expect(stderr).not.toMatch(/\n\s+at /)
    expect(stdout).toBe('')
    expect(code).toBe(2)
    expect(existsSync(out)).toBe(false)
    expect(readdirSync(path.join(dir, 'full'))).toEqual(['something'])
  })

  test('doctor answers in JSON and names the backend', async () => {
    const { code, stdout } = await bilevel(['doctor', '--json', ...workspace])
    expect(code).toBe(0)
    const answer = JSON.parse(stdout) as { backend: { name: string }; findings: { name: string }[] }
    expect(['native', 'wasm']).toContain(answer.backend.name)
    expect(answer.findings.map(({ name }) => name)).toContain('workspace')
  })

  test('datasets are imported, listed, shown and exported', async () => {
    const imported = await bilevel([
      'datasets',
      'import',
      path.join(dir, 'table.csv'),
      '--name',
      'two',
      '--json',
      ...workspace
    ])
    expect(imported.code).toBe(0)
    expect(JSON.parse(imported.stdout)).toMatchObject({ name: 'two', count: 20, classNames: ['x', 'y'] })
    const listed = await bilevelHere(['datasets', 'list', ...workspace])
    expect(listed.stdout).toContain('two')
    const shown = await bilevelHere(['datasets', 'show', 'two[0:10]', '--json', ...workspace])
    expect(JSON.parse(shown.stdout)).toMatchObject({ count: 10, classes: { x: 5, y: 5 } })
    const target = path.join(dir, 'as-npz')
    const exported = await bilevel([
      'datasets',
      'export',
      'two',
      '--format',
      'npz',
      '--out',
      target,
      ...workspace
    ])
    expect(exported.code).toBe(0)
    expect(readdirSync(target).some((name) => name.endsWith('.npz'))).toBe(true)
  })
})

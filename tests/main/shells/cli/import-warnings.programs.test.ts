import path from 'node:path'
import { expect, test } from 'vitest'
import { bilevel, temporaryFolder } from '@support/command'
import { folderOf, plainPng } from '@support/pictures'

const scratch = temporaryFolder()

const WARNING = '1 picture cannot be read and is left out: b/2.png (it is empty).'

test('what an import warns of is told by every command that reads the path, also the second time', async () => {
  const png = await plainPng(7)
  const source = folderOf({ 'a/1.png': png, 'b/1.png': png, 'b/2.png': '' })
  const workspace = ['--workspace', path.join(scratch, 'workspace')]

  const imported = await bilevel(['datasets', 'import', source, '--name', 'set', ...workspace])
  expect(imported.stderr).toContain(`warning: ${WARNING}\n`)
  expect(imported.stdout).toMatch(/^set: 2 examples, 2 classes/)

  for (const out of ['first', 'second']) {
    const args = ['corrupt', source, '--noise', '0.5', '--out', path.join(scratch, out), '--json']
    const corrupted = await bilevel([...args, ...workspace])
    expect(corrupted.stderr).toContain(`warning: ${path.basename(source)}: ${WARNING}\n`)
    const answer = JSON.parse(corrupted.stdout) as { warnings: string[] }
    expect(answer.warnings).toEqual([`${path.basename(source)}: ${WARNING}`])
  }

  const strict = await bilevel(['datasets', 'import', source, '--name', 'strict', '--strict', ...workspace])
  expect(strict.code).toBe(2)
  expect(strict.stderr).toMatch(/^bilevel: .*2\.png is empty\. .+\n$/)
})

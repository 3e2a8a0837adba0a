import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { exportDataset } from '@main/datasets'
import { picture, written } from '@support/bad-sources/bad-source'
import { temporaryFolder } from '@support/command'
import { failureOf, select, temporaryStore } from '@support/datasets'
import { read } from '@support/read-source'

describe('metadata of pictures', () => {
  const pictures = (names: readonly string[]): string => {
    const folder = temporaryFolder()
    for (const name of names) written(folder, name, picture())
    return folder
  }

  it('is JSON lines where CSV would make other labels of them', async () => {
    const folder = pictures(['007/1.png', '7/1.png', 'NA/1.png'])
    const selection = await select(temporaryStore(), folder)
    const out = path.join(temporaryFolder(), 'out')
    await exportDataset({ selection, truth: selection.labels }, { format: 'images', out })
    const lines = readFileSync(path.join(out, 'metadata.jsonl'), 'utf8').trim().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { label: unknown }).label).sort()).toEqual([
      '007',
      '7',
      'NA'
    ])
    expect((await read(out)).labels.sort()).toEqual(['007', '7', 'NA'])
  })

  it('may begin with a mark; a picture has one label', async () => {
    const folder = pictures(['a.png', 'b.png'])
    const file = path.join(folder, 'metadata.jsonl')
    writeFileSync(file, '\ufeff{"file_name":"a.png","label":"x"}\r\n{"file_name":"b.png","label":true}\n')
    expect((await read(folder)).labels).toEqual(['x', 'True'])
    writeFileSync(
      path.join(folder, 'metadata.jsonl'),
      '{"file_name":"a.png","label":"x"}\n{"file_name":"b.png","label":"x"}\n{"file_name":"a.png","label":"y"}\n'
    )
    expect((await failureOf(() => read(folder))).message).toMatch(
      /line 3: "a\.png" has other labels than at .*line 1/
    )
  })
})

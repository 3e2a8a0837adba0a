import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { readJudged } from '@main/shells/cli/judged-file'
import { temporaryFolder } from '@support/command'

const dir = temporaryFolder()

function file(text: string): string {
  const name = path.join(dir, 'judged.csv')
  writeFileSync(name, text)
  return name
}

test('labels by row; one without a label is not judged', async () => {
  const judged = await readJudged(
    file('index,given_label,label\n3,cat,dog\n0,dog, \n1,dog,dog\n'),
    ['cat', 'dog'],
    4
  )
  expect([...judged]).toEqual([
    [3, 1],
    [1, 1]
  ])
})

test.each([
  ['index\n1\n', 'has no column label.'],
  ['label\ncat\n', 'has no column index.'],
  ['index,label\n4,cat\n', 'line 2: there is no example "4".'],
  ['index,label\n,cat\n', 'line 2: there is no example "".'],
  ['index,label\n1.5,cat\n', 'line 2: there is no example "1.5".'],
  ['index,label\n0,\n1,cow\n', 'line 3: "cow" is no class.']
])('%j is refused at its place', async (text, sentence) => {
  const name = file(text)
  await expect(readJudged(name, ['cat', 'dog'], 4)).rejects.toMatchObject({
    code: 'bad-input',
    message: expect.stringContaining(sentence) as string
  })
})

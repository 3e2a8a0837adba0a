import { expect, test } from 'vitest'
import { isFound, knownTags, tagSought } from '@renderer/features/runs/run-search'

const run = {
  id: '2026-1-ab',
  name: 'Find wrong labels: photos',
  tags: ['For Ada', 'best'],
  note: 'lr halved'
}

test('runs are found by name, id, tag and note, whatever the case', () => {
  for (const text of ['', ' PHOTOS ', '2026-1', 'for ada', 'LR', tagSought('best'), tagSought('for ada')])
    expect(isFound(run, text), text).toBe(true)
  for (const text of ['dogs', tagSought('ada'), tagSought('photos')])
    expect(isFound(run, text), text).toBe(false)
  expect(isFound({ id: 'a', name: 'b' }, tagSought('x'))).toBe(false)
})

test('tags in use stand once, by name', () => {
  expect(knownTags([run, { tags: ['Best', 'a'] }, {}])).toEqual(['a', 'best', 'For Ada'])
})

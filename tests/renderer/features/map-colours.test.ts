import { expect, test } from 'vitest'
import { decisionGroups, flagGroups, weightGroups } from '@renderer/features/map/map-colours'

const groupsOf = (
  { groups, groupOf }: ReturnType<typeof weightGroups>,
  count: number
): (string | undefined)[] => Array.from({ length: count }, (_, row) => groups[groupOf(row)])

test('points tell how the weight of their example went over a run', () => {
  expect(groupsOf(weightGroups([-0.9, -0.2, 0.01, 0.3, null]), 6)).toEqual([
    'lost most of its weight',
    'lost some',
    'hardly changed',
    'gained weight',
    undefined,
    undefined
  ])
})

test('points tell what people decided, and what a run flags of those that it trained on', () => {
  const decided = [
    { row: 2, action: 'keep' as const },
    { row: 0, action: 'drop' as const }
  ]
  expect(groupsOf(decisionGroups(decided), 3)).toEqual(['dropped', undefined, 'kept'])
  expect(groupsOf(flagGroups([1], [0.9, 0.1, null]), 3)).toEqual(['not flagged', 'flagged', undefined])
})

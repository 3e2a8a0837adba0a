import path from 'node:path'
import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { markVersion, materialiseMarks } from '@main/datasets/trusted-marks'
import { withPlaces } from '@main/runs/worker/trusted-places'
import { temporaryFolder } from '@support/command'
import { select, temporaryStore } from '@support/datasets'

/** Twelve rows of a table, imported as "set". */
async function imported(): Promise<ReturnType<typeof temporaryStore>> {
  const file = path.join(temporaryFolder(), 'set.csv')
  const rows = Array.from({ length: 12 }, (_, i) => `${i * i},${i % 5},${i % 2 === 0 ? 'even' : 'odd'}`)
  writeFileSync(file, ['square,rest,label', ...rows, ''].join('\n'))
  const store = temporaryStore()
  await store.importFrom(file, { name: 'set' })
  return store
}

const wrong = (...first: number[]) => ({ of: 6, expected: 2, isPlain: true, first })

test('trusted examples are named by their rows in the datasets that they come from', async () => {
  const trusted = await select(await imported(), 'set[8:12]+set[2:4]')
  expect(withPlaces({ trustedWrong: wrong(3, 5, 0) }, trusted).trustedWrong!.places).toEqual([
    { dataset: 'set', row: 11 },
    { dataset: 'set', row: 3 },
    { dataset: 'set', row: 8 }
  ])
  expect(withPlaces({}, trusted)).toEqual({})
  expect(withPlaces({ trustedWrong: wrong(0) }, undefined)).toEqual({})
})

test('marked ones by their rows in the dataset that is marked', async () => {
  const store = await imported()
  const marks = [4, 9].map((row) => ({ row, label: row % 2 }))
  await materialiseMarks(store.get(store.list()[0]!.id), marks)
  const trusted = await select(store, `set#trusted@${markVersion(marks)}`)
  expect(withPlaces({ trustedWrong: wrong(1) }, trusted).trustedWrong!.places).toEqual([
    { dataset: 'set', row: 9 }
  ])
})

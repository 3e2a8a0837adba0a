import { readdirSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { EVIDENCE } from '@shared/domain/evidence'

const FOLDER = path.resolve(import.meta.dirname, '../../../src/shared/domain/evidence')

test('every kind of evidence that has a file stands in the table', () => {
  const kinds = readdirSync(FOLDER).filter((file) => !['index.ts', 'kind.ts'].includes(file))
  expect(EVIDENCE).toHaveLength(kinds.length)
})

import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { TASK_LIST } from '@shared/tasks'

const SOURCES = path.resolve(import.meta.dirname, '../../../src')
/** Where a field is only declared. */
const DECLARED = /(-spec|task-fields)\.ts$/
const code = ['engine', 'main', 'shared']
  .flatMap((floor) =>
    readdirSync(path.join(SOURCES, floor), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !DECLARED.test(file))
      .map((file) => readFileSync(path.join(SOURCES, floor, file), 'utf8'))
  )
  .join('\n')

test.for(TASK_LIST.map(({ task, schema }) => [task, Object.keys(schema.shape)] as const))(
  'every setting of %s is read where runs are made',
  ([, fields]) => {
    const unread = fields.filter((field) => !new RegExp(`\\b${field}\\b`).test(code))
    expect(unread).toEqual([])
  }
)

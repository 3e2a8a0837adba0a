import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Linter } from 'eslint'
import tseslint from 'typescript-eslint'
import { expect, test } from 'vitest'
import { LIMITS, PARSERS } from '../../scripts/eslint/limits.mjs'

const ROOT = path.resolve(import.meta.dirname, '../..')

test.for(PARSERS)('%s needs its exception from the limit of complexity', (file) => {
  const text = readFileSync(path.join(ROOT, file), 'utf8')
  const config = {
    files: ['**/*.ts'],
    languageOptions: { parser: tseslint.parser as Linter.Parser },
    rules: { complexity: LIMITS.complexity }
  }
  expect(new Linter().verify(text, [config], file).map(({ ruleId }) => ruleId)).toContain('complexity')
})

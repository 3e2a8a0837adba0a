import type { Linter } from 'eslint'

export const LIMITS: Readonly<Record<'complexity' | 'max-lines-per-function', Linter.RuleEntry>>
export const PARSERS: readonly string[]

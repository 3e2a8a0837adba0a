import tseslint from 'typescript-eslint'
import vue from 'eslint-plugin-vue'
import vueParser from 'vue-eslint-parser'
import prettier from 'eslint-config-prettier'
import globals from 'globals'
import { ELECTRON } from './scripts/eslint/electron.mjs'
import { LIMITS, PARSERS } from './scripts/eslint/limits.mjs'
import { house } from './scripts/eslint/names.mjs'
import { rooms } from './scripts/eslint/rooms.mjs'

export default tseslint.config(
  { ignores: ['node_modules', 'out', 'dist', 'coverage', 'tests/e2e/.artifacts'] },
  ...tseslint.configs.recommended,
  ...vue.configs['flat/recommended'],
  {
    files: ['**/*.vue'],
    languageOptions: {
      parser: vueParser,
      parserOptions: { parser: tseslint.parser },
      globals: globals.browser
    }
  },
  {
    plugins: { house, rooms },
    rules: {
      'rooms/borders': 'error',
      'house/names': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'vue/multi-word-component-names': 'off',
      'no-console': 'off',
      eqeqeq: ['error', 'always', { null: 'ignore' }]
    }
  },
  { files: ['src/**/*.{ts,vue}'], rules: LIMITS },
  {
    files: ['src/main/index.ts', 'src/main/shells/electron/**', 'src/preload/**'],
    rules: {
      'no-restricted-syntax': ['error', ...ELECTRON],
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error'
    }
  },
  { files: PARSERS, rules: { complexity: 'off' } },
  prettier
)

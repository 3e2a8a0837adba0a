#!/usr/bin/env node
// The command. In a checkout the TypeScript sources run as they are (tsx); an installed package runs its build.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('../src/main/shells/cli/index.ts', import.meta.url))
if (existsSync(source)) {
  const { register } = await import('tsx/esm/api')
  register({ tsconfig: fileURLToPath(new URL('../tsconfig.base.json', import.meta.url)) })
  await import(source)
} else {
  await import(new URL('../out/main/cli.js', import.meta.url).href)
}

#!/usr/bin/env node
// The command: a checkout runs a build of its sources, an installed package the one that it brings.
import { pathToFileURL } from 'node:url'
import { builtEntry } from './built-entry.mjs'

const { file, execArgv } = builtEntry('cli', import.meta.url)
// What a process of its own is started with.
for (const before of execArgv.filter((word) => word !== '--import')) await import(before)
await import(pathToFileURL(file).href)

#!/usr/bin/env node
// The command: a checkout runs a build of its sources, an installed package the one that it brings.
import { pathToFileURL } from 'node:url'
import { builtEntry } from './built-entry.mjs'

const { file, execArgv } = builtEntry('cli', import.meta.url)
if (execArgv.includes('--enable-source-maps')) process.setSourceMapsEnabled(true)
await import(pathToFileURL(file).href)

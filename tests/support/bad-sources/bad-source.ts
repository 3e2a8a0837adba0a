import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { ImportOptions } from '@main/datasets'
import { FIXTURES } from '../datasets'

/** A bad source: makes its files in a folder and says what is then asked for. */
export interface BadSource {
  readonly make: (folder: string) => string
  readonly options?: ImportOptions
  /** What the sentence must name. */
  readonly names: RegExp
  readonly remedy?: RegExp
}

export const fixture = (name: string): string => path.join(FIXTURES, name)

export function copied(folder: string, name: string): string {
  const target = path.join(folder, path.basename(name))
  cpSync(fixture(name), target, { recursive: true })
  return target
}

/** Write a file and give its path. */
export function written(folder: string, name: string, content: string | Uint8Array): string {
  const file = path.join(folder, name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, content)
  return file
}

export function changed(file: string, change: (bytes: Buffer) => Uint8Array): void {
  writeFileSync(file, change(readFileSync(file)))
}

export const picture = (): Buffer => readFileSync(fixture('pillow/rgb.png'))
export const CSV = 'a,b,label\n1,2,x\n3,4,y\n'

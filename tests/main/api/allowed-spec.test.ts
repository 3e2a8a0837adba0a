import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { requireAllowedReference } from '@main/api/allowed-spec'
import type { ApiContext } from '@main/api/context'

const dir = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'allowed-spec-')))
const out = path.join(dir, 'attack')
const linked = path.join(dir, 'linked')
mkdirSync(path.join(out, 'poisoned'), { recursive: true })
mkdirSync(linked)
symlinkSync(os.homedir(), path.join(linked, 'poisoned'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const context = {
  datasets: { find: () => undefined },
  workspace: { store: { list: () => [{ outputDir: out }, { outputDir: linked }] } },
  shell: {
    allow: (wanted: string) => {
      throw new Error(`${wanted} is refused`)
    }
  }
} as unknown as ApiContext

describe('what a served window may read', () => {
  test("the poisoned set of this workspace's attack, wherever it lies", () => {
    expect(() => requireAllowedReference(context, path.join(out, 'poisoned'))).not.toThrow()
  })

  test('nothing else beside it, and nothing that a link in its place leads to', () => {
    for (const refused of [out, path.join(out, 'poisoned', 'more'), path.join(dir, 'poisoned')]) {
      expect(() => requireAllowedReference(context, refused)).toThrow('is refused')
    }
    expect(() => requireAllowedReference(context, path.join(linked, 'poisoned'))).toThrow('is refused')
  })
})

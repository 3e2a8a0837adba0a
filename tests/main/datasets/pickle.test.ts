import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { pickle } from '@main/datasets'
import { temporaryFolder } from '@support/command'
import { hasPython, pythonJson } from '@support/python'

const python = hasPython('PIL', 'numpy')
const why = python ? '' : ' (skipped: no Python with Pillow and numpy; set BILEVEL_TEST_PYTHON)'

const LOAD = `
import json, pickle, sys
import numpy as np
from PIL import Image
def plain(v):
    if isinstance(v, Image.Image): return {"mode": v.mode, "size": v.size, "pixels": np.array(v).ravel().tolist()}
    if isinstance(v, tuple): return {"tuple": [plain(i) for i in v]}
    if isinstance(v, list): return [plain(i) for i in v]
    if isinstance(v, dict): return {k: plain(i) for k, i in v.items()}
    return v
print(json.dumps(plain(pickle.load(open(sys.argv[1], "rb")))))
`

describe.skipIf(!python)(`pickles${why}`, () => {
  test('Python and Pillow read images, numbers, texts, lists, tuples and dicts back', () => {
    const grey = { width: 3, height: 2, channels: 1 as const, pixels: Uint8Array.from([0, 1, 2, 3, 4, 255]) }
    const pixels = Uint8Array.from({ length: 12 }, (_, i) => 20 * i)
    const colour = { width: 1, height: 4, channels: 3 as const, pixels }
    const file = path.join(temporaryFolder(), 'value.pickle')
    writeFileSync(
      file,
      pickle([
        { tuple: [grey, 3] },
        { tuple: [colour, -1] },
        { dict: { 'base indices': [0, 70000], né: 'ü' } },
        []
      ])
    )
    expect(pythonJson(LOAD, file)).toEqual([
      { tuple: [{ mode: 'L', size: [3, 2], pixels: [...grey.pixels] }, 3] },
      { tuple: [{ mode: 'RGB', size: [1, 4], pixels: [...pixels] }, -1] },
      { 'base indices': [0, 70000], né: 'ü' },
      []
    ])
  })
})

describe('pickles refuse', () => {
  test('images whose bytes do not fill them, and numbers that are not whole', () => {
    const short = { width: 2, height: 2, channels: 3 as const, pixels: new Uint8Array(11) }
    expect(() => pickle(short)).toThrow(/do not fill/)
    expect(() => pickle([0.5])).toThrow(/whole/)
  })
})

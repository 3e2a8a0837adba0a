import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { syntheticCurves } from '@main/api/synthetic-curves'

const dir = mkdtempSync(path.join(os.tmpdir(), 'synthetic-curves-'))
const context = {
  workspace: { store: { get: () => ({ name: 'race', outputDir: dir }) } }
} as unknown as Parameters<typeof syntheticCurves>[0]
afterAll(() => rmSync(dir, { recursive: true, force: true }))

function write(...lines: string[]): void {
  writeFileSync(path.join(dir, 'errors.csv'), `${lines.join('\n')}\n`)
}

const HEAD = 'problem,method,lower_steps,step,seconds,mean,std,max'

describe('curves of errors.csv', () => {
  test('are one a problem and method; what is no number any more is left out', async () => {
    write(HEAD, 'sum,gd,10,0,0,18.7,0.5,19', 'sum,gd,10,4,0.03,Infinity,1,2', 'sum,rmd,10,0,0,18.7,0.5,19')
    expect(await syntheticCurves(context, 'r')).toEqual([
      { problem: 'sum', method: 'gd', points: [{ step: 0, seconds: 0, mean: 18.7, std: 0.5, max: 19 }] },
      { problem: 'sum', method: 'rmd', points: [{ step: 0, seconds: 0, mean: 18.7, std: 0.5, max: 19 }] }
    ])
  })

  test('of a damaged file are refused by line or column', async () => {
    write(HEAD, 'sum,gd,10,0,0,18.7,0.5,19', 'sum,gd,10,x,0,18.7,0.5,19')
    await expect(syntheticCurves(context, 'r')).rejects.toThrow('line 3')
    write('problem,method,step', 'sum,gd,0')
    await expect(syntheticCurves(context, 'r')).rejects.toThrow('no column seconds')
    rmSync(path.join(dir, 'errors.csv'))
    await expect(syntheticCurves(context, 'r')).rejects.toMatchObject({ code: 'not-found' })
  })
})

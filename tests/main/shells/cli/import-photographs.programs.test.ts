import path from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { bilevel, temporaryFolder } from '@support/command'
import { folderOf } from '@support/pictures'

const scratch = temporaryFolder()

const workspace = ['--workspace', path.join(scratch, 'workspace')]

function photograph(width: number, height: number): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: { r: width % 256, g: 9, b: 3 } } })
    .png()
    .toBuffer()
}

async function imported(source: string, ...options: string[]): Promise<{ shape: number[]; said: string }> {
  const { stdout, stderr, code } = await bilevel([
    ...['datasets', 'import', source, '--json'],
    ...options,
    ...workspace
  ])
  expect(code, stderr).toBe(0)
  return { shape: (JSON.parse(stdout) as { shape: number[] }).shape, said: stderr }
}

test('photographs of several sizes are imported without a size, and with one that is asked for', async () => {
  const source = folderOf({
    'ant/1.png': await photograph(40, 30),
    'bee/1.png': await photograph(30, 50)
  })
  const plain = await imported(source, '--name', 'plain')
  expect(plain.shape).toEqual([64, 64, 3])
  expect(plain.said).toMatch(/64 x 64 \(--image-size/)
  const asked = await imported(source, '--name', 'asked', '--image-size', '16')
  expect(asked.shape).toEqual([16, 16, 3])
  expect(asked.said).not.toMatch(/--image-size/)
})

test('large photographs of one size stay as they are', async () => {
  const source = folderOf({
    'ant/1.png': await photograph(300, 260),
    'bee/1.png': await photograph(300, 260)
  })
  const { shape, said } = await imported(source)
  expect(shape).toEqual([260, 300, 3])
  expect(said).not.toMatch(/differ/)
})

test('a look at photographs of several sizes tells what models get', async () => {
  const source = folderOf({ 'ant/1.png': await photograph(40, 30), 'bee/1.png': await photograph(30, 50) })
  const { code, stdout, stderr } = await bilevel(['datasets', 'inspect', source, ...workspace])
  expect(code).toBe(0)
  expect(stdout).toContain('2 examples of 64 x 64 x 3')
  expect(stderr).toMatch(/models of pixels get them at 64 x 64/)
})

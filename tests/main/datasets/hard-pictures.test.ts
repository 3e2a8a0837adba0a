import sharp from 'sharp'
import { expect, test } from 'vitest'
import { inTurn } from '@main/datasets/pictures/decode-image'

const picture = (side: number): Promise<Buffer> =>
  sharp({ create: { width: side, height: side, channels: 3, background: 'teal' } })
    .png()
    .toBuffer()

test('a dozen hard pictures are decoded two at a time, and an easy one does not wait for them', async () => {
  const [hard, easy] = [await picture(2100), await picture(20)]
  let now = 0
  let most = 0
  const release: (() => void)[] = []
  const slow = async (): Promise<string> => {
    most = Math.max(most, ++now)
    await new Promise<void>((resolve) => release.push(resolve))
    now--
    return 'decoded'
  }
  const atOnce = (_bytes: number, decode: () => Promise<string>): Promise<string> => decode()
  const all = Array.from({ length: 12 }, () => inTurn(hard, slow, atOnce))
  expect(await inTurn(easy, async () => 'easy', atOnce)).toBe('easy')
  expect(release).toHaveLength(2)
  for (let i = 0; i < 12; i++) {
    while (!release[i]) await new Promise((resolve) => setImmediate(resolve))
    release[i]!()
  }
  expect(await Promise.all(all)).toEqual(Array(12).fill('decoded'))
  expect(most).toBe(2)
})

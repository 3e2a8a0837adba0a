import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { hostname } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { ProcessLock } from '@main/locks'
import { temporaryFolder } from '@support/command'

const dir = temporaryFolder()

const LOCKS = path.resolve(import.meta.dirname, '../../../src/main/locks/index.ts')

/** Another process that takes the lock and keeps it. */
async function otherHolder(file: string): Promise<ReturnType<typeof spawn>> {
  const program = `
    const { ProcessLock } = await import(${JSON.stringify(LOCKS)})
    const lock = ProcessLock.take(${JSON.stringify(file)})
    lock.tell('http://127.0.0.1:1/')
    console.log('held')
    setInterval(() => lock, 1000)`
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  await once(child.stdout, 'data')
  return child
}

test('one holder at a time, in this process too', () => {
  const file = path.join(dir, 'own', 'a.lock')
  expect(ProcessLock.isHeld(file)).toBe(false)
  const lock = ProcessLock.take(file)!
  expect(ProcessLock.take(file, 0)).toBeUndefined()
  expect(ProcessLock.isHeld(file)).toBe(true)
  expect(ProcessLock.holderOf(file)).toMatchObject({ pid: process.pid, host: hostname() })
  lock.release()
  lock.release()
  expect(ProcessLock.isHeld(file)).toBe(false)
  expect(ProcessLock.holderOf(file)).toBeUndefined()
  expect(readdirSync(path.dirname(file))).toEqual(['a.lock'])
})

test('another process holds it until it is killed, and leaves nothing that counts', async () => {
  const file = path.join(dir, 'other', 'b.lock')
  const child = await otherHolder(file)
  expect(ProcessLock.take(file, 0)).toBeUndefined()
  expect(ProcessLock.holderOf(file)).toMatchObject({ pid: child.pid, url: 'http://127.0.0.1:1/' })
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(ProcessLock.isHeld(file)).toBe(false)
  expect(ProcessLock.holderOf(file)).toBeUndefined()
  const lock = ProcessLock.take(file, 0)
  expect(lock).toBeDefined()
  expect(ProcessLock.holderOf(file)?.url).toBeUndefined()
  lock?.release()
})

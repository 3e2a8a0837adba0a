import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '@support/command'

const dir = temporaryFolder()

const LOCKS = path.resolve(import.meta.dirname, '../../../src/main/locks/index.ts')

/** Another process that has a temporary file, says where and ends when it is told to. */
async function otherUser(): Promise<{ child: ReturnType<typeof spawn>; folder: string }> {
  const program = `
    const { writeFileSync } = await import('node:fs')
    const { temporaryFolder } = await import(${JSON.stringify(LOCKS)})
    const folder = temporaryFolder('table-')
    writeFileSync(folder + '/rows', 'some')
    console.log(folder)
    process.stdin.on('data', () => process.exit(3))`
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    env: { ...process.env, TMPDIR: dir, TEMP: dir, TMP: dir },
    stdio: ['pipe', 'pipe', 'inherit']
  })
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  return { child, folder: path.dirname(String(said).trim()) }
}

async function end({ child }: { child: ReturnType<typeof spawn> }): Promise<void> {
  child.stdin?.write('end\n')
  await once(child, 'exit')
}

const present = (): string[] => readdirSync(dir).filter((name) => name.startsWith('bilevel-'))

test('a process takes its temporary files with it; what a killed one left is removed by the next, and nothing else', async () => {
  const notes = path.join(dir, 'bilevel-notes')
  mkdirSync(notes)
  writeFileSync(path.join(notes, 'novel.txt'), 'mine')
  const [killed, working] = await Promise.all([otherUser(), otherUser()])
  killed.child.kill('SIGKILL')
  await once(killed.child, 'exit')
  for (const { folder } of [killed, working]) utimesSync(path.join(folder, 'in-use'), 0, 0)
  const later = await otherUser()
  expect(existsSync(killed.folder)).toBe(false)
  expect(existsSync(working.folder)).toBe(true)
  await end(later)
  await end(working)
  expect(present()).toEqual(['bilevel-notes'])
})

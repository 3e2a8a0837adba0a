import path from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../support/command'
import { slowSource } from '../support/slow-source'
import { beginImport } from './begin-import'
import { desktopMissing } from './launch-electron'
import { launchPlain } from './launch-plain'
import { Person } from './person'
import { PLAIN, plainCommand } from './plain-command'

/** BILEVEL_IMPORTS=20 for a long look. */
const SESSIONS = Number(process.env['BILEVEL_IMPORTS'] ?? 1)
const PICTURES = 400
const SIDE = 400

const missing = desktopMissing()

test.skipIf(missing !== undefined)(
  `hundreds of photographs are imported, and ${PLAIN} lives and complains of nothing${missing ? ` (skipped: ${missing})` : ''}`,
  { timeout: SESSIONS * 300_000 },
  async () => {
    const dir = temporaryFolder()
    const source = await slowSource(path.join(dir, 'photographs'), PICTURES, SIDE)
    /** What became of each session. */
    const seen: string[] = []
    for (let i = 0; i < SESSIONS; i++) {
      const program = await launchPlain(plainCommand(path.join(dir, String(i), 'workspace')))
      let said = ''
      program.process.stderr?.on('data', (chunk) => (said += String(chunk)))
      const died = program.ended.then(() => `ended by ${program.process.signalCode}`)
      const person = new Person(await program.page())
      const imported = async (): Promise<string> => {
        await beginImport(person, source, 'photographs')
        await person.page.getByText(`${PICTURES} examples`).first().waitFor({ timeout: 240_000 })
        return 'imported'
      }
      // Whoever waits for a page that is gone is told so; the end of the program says more.
      const outcome = await Promise.race([died, imported().catch(() => died)])
      const complaints = said.match(/GLib[^\n]*/)
      seen.push(complaints ? `${outcome}, said: ${complaints[0]}` : outcome)
      program.process.kill()
      await program.ended
    }
    if (SESSIONS > 1) console.log(seen.join('\n'))
    expect(seen).toEqual(Array.from({ length: SESSIONS }, () => 'imported'))
  }
)

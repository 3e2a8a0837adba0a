import { cpSync, existsSync, rmSync } from 'node:fs'
import path from 'node:path'
import { DatasetStore, importNoisySample, pinSpec } from '@main/datasets'
import { createRun, openWorkspace } from '@main/runs'
import type { RunRecord } from '@shared/domain/run'
import { denoisingSpec } from '@shared/domain/task-spec'
import { temporaryFolder, until } from '../support/command'
import { launchElectron } from './launch-electron'
import type { DesktopWindow } from './launch-electron'
import { Person } from './person'

/** Limits end what hangs; they measure nothing. In milliseconds. */
export const ANSWER = 90_000
/** How long a person may be asked to wait for the program to be gone. */
export const GONE_SECONDS = 15

/** A workspace with the sample in it, made once and copied: what a session begins with. */
export class SeedWorkspace {
  readonly #scratch = temporaryFolder()
  readonly #dir = path.join(this.#scratch, 'workspace')

  async make(): Promise<void> {
    const workspace = openWorkspace(this.#dir, { owns: true })
    await importNoisySample(new DatasetStore(workspace.datasetsDir, workspace.trust), 0.3, {})
    workspace.close()
  }

  copyTo(folder: string): void {
    cpSync(this.#dir, folder, { recursive: true })
  }
}

/** One start of the desktop program on a workspace of its own. */
export class DesktopSession {
  readonly #scratch = temporaryFolder()
  readonly workspace = path.join(this.#scratch, 'workspace')
  readonly #seed: SeedWorkspace
  #window: DesktopWindow | undefined

  constructor(seed: SeedWorkspace) {
    this.#seed = seed
    seed.copyTo(this.workspace)
  }

  get folder(): string {
    return this.#scratch
  }

  get window(): DesktopWindow {
    if (!this.#window) throw new Error('The program has not been started.')
    return this.#window
  }

  get person(): Person {
    return new Person(this.window.page)
  }

  async start(prepare?: () => Promise<void>): Promise<void> {
    this.#window = await launchElectron(this.workspace, prepare)
    this.#window.page.setDefaultTimeout(ANSWER)
    // What moves is looked at in the main job.
    await this.#window.page.emulateMedia({ reducedMotion: 'reduce' })
    await this.person.heading('Datasets').waitFor()
  }

  /** Quit, and start again on the same workspace. */
  async restart(): Promise<void> {
    if (this.#window && isAlive(this.#window.pid)) {
      await this.quit()
      await this.expectGone()
    }
    await this.start()
  }

  /** As the system does when a person drops a file or folder from its file browser. */
  async drop(source: string): Promise<void> {
    const { page } = this.window
    const box = (await this.person.region('Drop a dataset here').boundingBox())!
    const driver = await page.context().newCDPSession(page)
    const data = { items: [], files: [source], dragOperationsMask: 1 }
    const point = { x: box.x + box.width / 2, y: box.y + 20 }
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await driver.send('Input.dispatchDragEvent', { type, ...point, data })
    }
  }

  /** Start on the workspace as it was made, with a run that would train for hours waiting in it. */
  async startTraining(): Promise<{ run: string; worker: number }> {
    let run = ''
    await this.start(async () => {
      rmSync(this.workspace, { recursive: true })
      this.#seed.copyTo(this.workspace)
      run = await this.#queueLongRun()
    })
    return { run, worker: await this.untilTraining(run) }
  }

  async #queueLongRun(): Promise<string> {
    const workspace = openWorkspace(this.workspace)
    const datasets = new DatasetStore(workspace.datasetsDir, workspace.trust)
    const spec = denoisingSpec.parse({
      task: 'denoising',
      train: 'digits-with-wrong-labels#train',
      trusted: 'digits-with-wrong-labels#checked',
      model: 'logistic',
      epochs: 100_000
    })
    const { id } = createRun({ workspace, spec: await pinSpec(datasets, spec), scheduled: true })
    workspace.close()
    return id
  }

  run(id: string): RunRecord {
    const workspace = openWorkspace(this.workspace)
    try {
      return workspace.store.get(id)
    } finally {
      workspace.close()
    }
  }

  /** @returns its training process */
  async untilTraining(id: string): Promise<number> {
    const hasBegun = (): boolean => {
      const { state, fraction } = this.run(id)
      return state === 'running' && (fraction ?? 0) > 0
    }
    await until(hasBegun, 60)
    return this.run(id).pid!
  }

  quit(): Promise<void> {
    return this.window.app.evaluate(({ app }) => setTimeout(() => app.quit())).then(() => undefined)
  }

  /** As its frame's button does. */
  closeWindow(): Promise<void> {
    return this.window.app
      .evaluate(({ BrowserWindow }) => {
        const [window] = BrowserWindow.getAllWindows()
        setTimeout(() => window?.close())
      })
      .then(() => undefined)
  }

  /** Questions in a dialog of the system, which no test can press, answered with this button. */
  async answerQuestions(button: number): Promise<void> {
    await this.window.app.evaluate(({ dialog }, pressed) => {
      dialog.showMessageBoxSync = () => pressed
    }, button)
  }

  /** Wait for the end of the program and all it started. */
  async expectGone(seconds = GONE_SECONDS): Promise<void> {
    await until(() => !isAlive(this.window.pid), seconds)
    // Nobody has the workspace any more.
    openWorkspace(this.workspace, { owns: true }).close()
  }

  async end(): Promise<void> {
    if (this.#window && isAlive(this.#window.pid)) {
      process.kill(this.#window.pid, 'SIGKILL')
      await until(() => !isAlive(this.window.pid), GONE_SECONDS)
    }
  }

  exists(name: string): boolean {
    return existsSync(path.join(this.folder, name))
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

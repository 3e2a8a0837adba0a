import { randomUUID } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, truncateSync } from 'node:fs'
import { get, request } from 'node:http'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { WorkbenchClient } from '@shared/contract'
import type { DatasetFormat } from '@shared/domain/dataset'
import type { Job } from '@shared/domain/job'
import { smallDisk, type SmallDisk } from '../../tests/support/full-disk'
import { serveWorkbench, type ServedWorkbench } from '../../tests/support/served-workbench'
import { slowSource } from '../../tests/support/slow-source'

/** What a round did, and what it found. */
export interface Round {
  readonly act: string
  /** How the act ended: done before it could be broken off, or broken off. */
  readonly ended: string
  /** Empty when all is well. */
  readonly faults: readonly string[]
}

/** Open files may come and go by so many: connections that are being closed, the database's own. */
const SLACK = 12
const MOST_MS = 1500

/** A workbench whose exports, imports, downloads and uploads are broken off at random moments. */
export class AbortedWorkbench {
  #said = ''
  #openFiles = 0
  readonly #formats: DatasetFormat[] = []
  #dataset = ''
  #download = ''

  private constructor(
    private readonly dir: string,
    private readonly random: () => number,
    private readonly disk: SmallDisk | undefined
  ) {}

  served!: ServedWorkbench
  client!: WorkbenchClient
  close: () => Promise<void> = () => Promise.resolve()

  /** @param random in 0..1: the same numbers give the same rounds, though not the same moments */
  static async open(dir: string, random: () => number): Promise<AbortedWorkbench> {
    const bench = new AbortedWorkbench(dir, random, smallDisk(48))
    await bench.#start()
    return bench
  }

  get #exports(): string {
    return path.join(this.disk?.folder ?? this.dir, 'exports')
  }

  get #workspace(): string {
    return path.join(this.dir, 'workspace')
  }

  async #start(): Promise<void> {
    mkdirSync(this.#exports)
    this.served = await serveWorkbench(this.#workspace, {
      cwd: this.dir,
      args: ['--folder', this.#exports],
      onStderr: (text) => (this.#said += text)
    })
    const connection = this.served.connect()
    this.client = connection.client
    this.close = async () => {
      connection.close()
      await this.served.stop()
      this.disk?.remove()
    }
    const { id } = await this.client.datasets.importSample({ noise: 0.2 })
    this.#dataset = id
    const offers = await this.client.exports.formats({ run: null, dataset: id })
    this.#formats.push(...offers.map(({ format }) => format))
    await slowSource(path.join(this.dir, 'photos'), 60)
    const kept = path.join(this.#exports, 'kept')
    const job = await this.#ended(
      (await this.client.jobs.export({ run: null, dataset: id, format: 'npz', out: kept })).id
    )
    if (job.result?.type !== 'export') throw new Error(`The first export failed: ${JSON.stringify(job)}`)
    this.#download = job.result.download ?? ''
    cpSync(kept, path.join(this.dir, 'backup'), { recursive: true })
    this.#openFiles = this.#countOpenFiles()
  }

  /** One act broken off, and a look at what is left. */
  async round(): Promise<Round> {
    const acts = [
      () => this.#breakExport('cancel'),
      () => this.#breakExport('leave'),
      () => this.#breakExport('folder removed'),
      ...(this.disk ? [() => this.#breakExport('full disk')] : []),
      () => this.#breakImport(),
      () => this.#breakDownload('leave'),
      () => this.#breakDownload('cut'),
      () => this.#breakDownload('folder removed'),
      () => this.#breakUpload()
    ]
    this.#said = ''
    const { act, ended, faults } = await acts[Math.floor(this.random() * acts.length)]!()
    return { act, ended, faults: [...faults, ...(await this.#faultsNow())] }
  }

  #halfWritten(): string[] {
    const places = [
      this.#exports,
      path.join(this.#workspace, 'datasets'),
      path.join(this.#workspace, 'uploads')
    ]
    return places
      .filter((place) => existsSync(place))
      .flatMap((place) => readdirSync(place).map((name) => path.join(path.basename(place), name)))
      .filter((name) => path.basename(name).startsWith('.writing-'))
  }

  async #faultsNow(): Promise<string[]> {
    const faults: string[] = []
    if (this.served.process.exitCode !== null || this.served.process.signalCode !== null) {
      return [`the server ended: ${this.#said.slice(-500)}`]
    }
    const { now } = await this.client.system.ping()
    if (!(now > 0)) faults.push('the server does not answer')
    if (/internal|Unhandled|Error:/.test(this.#said)) faults.push(`it said: ${this.#said.slice(0, 500)}`)
    // What was being written is cleared away by whoever wrote it, a moment after the other side is gone.
    let half = this.#halfWritten()
    for (let i = 0; i < 50 && half.length > 0; i++) {
      await pause(100)
      half = this.#halfWritten()
    }
    if (half.length > 0) faults.push(`left: ${half.join(', ')}`)
    let open = this.#countOpenFiles()
    for (let i = 0; i < 50 && open > this.#openFiles + SLACK; i++) {
      await pause(100)
      open = this.#countOpenFiles()
    }
    if (open > this.#openFiles + SLACK) faults.push(`${open} open files, ${this.#openFiles} at the beginning`)
    return faults
  }

  #countOpenFiles(): number {
    const folder = `/proc/${this.served.process.pid}/fd`
    return existsSync(folder) ? readdirSync(folder).length : 0
  }

  #moment(most = MOST_MS): Promise<void> {
    return pause(this.random() ** 2 * most)
  }

  /** It may have ended meanwhile. */
  async #cancel(job: string): Promise<void> {
    await this.client.jobs.cancel({ job }).catch((error: unknown) => {
      if (!/has ended already/.test(String(error))) throw error
    })
  }

  async #ended(job: string): Promise<Job> {
    for (;;) {
      const now = await this.client.jobs.get({ job })
      if (!['waiting', 'running', 'cancelling'].includes(now.state)) return now
      await pause(20)
    }
  }

  async #breakExport(how: 'cancel' | 'leave' | 'folder removed' | 'full disk'): Promise<Round> {
    const format = this.#formats[Math.floor(this.random() * this.#formats.length)]!
    const out = path.join(this.#exports, 'out')
    const order = { run: null, dataset: this.#dataset, format, out }
    const other = this.served.connect()
    const { id } = await other.client.jobs.export(order)
    await this.#moment()
    if (how === 'cancel') await this.#cancel(id)
    if (how === 'leave') other.close()
    if (how === 'full disk') this.disk?.fill(0)
    if (how === 'folder removed') {
      for (const name of readdirSync(this.#exports).filter((entry) => entry.startsWith('.writing-'))) {
        rmSync(path.join(this.#exports, name), { recursive: true, force: true, maxRetries: 10 })
      }
    }
    const job = await this.#ended(id)
    other.close()
    if (how === 'full disk') this.disk?.empty()
    const faults: string[] = []
    if (job.state === 'done' && !existsSync(path.join(out, 'manifest.json')))
      faults.push('done, but not there')
    if (job.state !== 'done' && existsSync(out)) faults.push(`${job.state}, but there`)
    if (job.failure?.code === 'internal') faults.push(`a defect: ${job.failure.sentence}`)
    if (how === 'leave' && job.state !== 'done') faults.push(`left, and ${job.state}`)
    rmSync(out, { recursive: true, force: true, maxRetries: 10 })
    await this.client.jobs.dismiss({ job: id })
    return { act: `export ${format}, ${how}`, ended: job.state, faults }
  }

  async #breakImport(): Promise<Round> {
    const before = (await this.client.datasets.list()).length
    const { id } = await this.client.jobs.import({ source: path.join(this.dir, 'photos') })
    await this.#moment()
    await this.#cancel(id)
    const job = await this.#ended(id)
    const faults: string[] = []
    const after = (await this.client.datasets.list()).length
    if (after - before !== Number(job.state === 'done'))
      faults.push(`${job.state}, and ${after - before} more`)
    if (job.result?.type === 'dataset') await this.client.datasets.remove({ dataset: job.result.dataset })
    await this.client.jobs.dismiss({ job: id })
    return { act: 'import, cancel', ended: job.state, faults }
  }

  async #breakDownload(how: 'leave' | 'cut' | 'folder removed'): Promise<Round> {
    const kept = path.join(this.#exports, 'kept')
    const { hostname, port } = new URL(this.served.origin)
    const options = {
      hostname,
      port,
      path: this.#download,
      agent: false,
      headers: { cookie: this.served.cookie }
    }
    const got = await new Promise<string>((resolve) => {
      const asked = get(options, (response) => {
        let bytes = 0
        const promised = Number(response.headers['content-length'])
        response.on('data', (piece: Buffer) => {
          bytes += piece.length
        })
        response.on('error', () => resolve('broken off'))
        response.on('end', () =>
          resolve(bytes === promised ? 'whole' : response.statusCode === 404 ? 'gone' : 'SHORT')
        )
        void this.#moment(20).then(() => {
          if (how === 'leave') asked.destroy()
        })
      })
      asked.on('error', () => resolve('broken off'))
      void this.#moment(20).then(() => {
        if (how === 'cut')
          truncateSync(
            path.join(
              kept,
              readdirSync(kept).find((name) => name.endsWith('.npz'))!
            ),
            9
          )
        if (how === 'folder removed') rmSync(kept, { recursive: true, force: true, maxRetries: 10 })
      })
    })
    if (how !== 'leave') {
      await pause(25)
      rmSync(kept, { recursive: true, force: true, maxRetries: 10 })
      cpSync(path.join(this.dir, 'backup'), kept, { recursive: true })
    }
    return { act: `download, ${how}`, ended: got, faults: got === 'SHORT' ? ['short, and called whole'] : [] }
  }

  async #breakUpload(): Promise<Round> {
    const uploads = path.join(this.#workspace, 'uploads')
    const id = randomUUID()
    const { hostname, port } = new URL(this.served.origin)
    const size = Math.floor(this.random() * 30_000_000)
    const ended = await new Promise<string>((resolve) => {
      const sent = request({
        hostname,
        port,
        method: 'PUT',
        path: `/upload/${id}/set/x.bin`,
        agent: false,
        headers: { cookie: this.served.cookie, origin: this.served.origin, 'content-length': size }
      })
      sent.on('response', (response) => {
        response.resume()
        resolve(`answered ${response.statusCode}`)
      })
      sent.on('error', () => resolve('broken off'))
      sent.end(Buffer.alloc(size))
      void this.#moment(60).then(() => sent.destroy())
    })
    const isDone = ended === 'answered 200'
    // What is cut off is noticed by the server a moment later.
    for (let i = 0; i < 100 && !isDone && this.#hasPart(uploads); i++) await pause(20)
    const kept = path.join(uploads, id)
    const faults = isDone && !existsSync(kept) ? ['answered, but not there'] : []
    rmSync(kept, { recursive: true, force: true, maxRetries: 10 })
    return { act: 'upload, leave', ended, faults }
  }

  #hasPart(uploads: string): boolean {
    return existsSync(uploads) && readdirSync(uploads).some((name) => name.startsWith('.writing-'))
  }
}

import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { WebSocket } from 'ws'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRun, openWorkspace } from '@main/runs'
import type { WorkbenchClient } from '@shared/contract'
import { denoisingSpec } from '@shared/domain/task-spec'
import { temporaryFolder } from '@support/command'
import { rawRequest, rawUpgrade } from '@support/raw-request'
import { serveWorkbench } from '@support/served-workbench'
import type { ServedWorkbench } from '@support/served-workbench'

const GIBIBYTE = 2 ** 30
const SPEC = denoisingSpec.parse({ task: 'denoising', train: 'a#train', trusted: 'a#test' })

describe('the served workbench', () => {
  const dir = temporaryFolder()
  const given = path.join(dir, 'given')
  const outside = path.join(dir, 'outside')
  const workspace = path.join(dir, 'workspace')
  let served: ServedWorkbench
  let connection: ReturnType<ServedWorkbench['connect']>
  let client: WorkbenchClient
  let run = ''

  beforeAll(async () => {
    mkdirSync(given)
    mkdirSync(outside)
    writeFileSync(path.join(outside, 'secret.csv'), 'a,label\n1,x\n2,y\n')
    symlinkSync(outside, path.join(given, 'way-out'))
    run = recordRun(workspace)
    // The folder that a server is started in is given, too.
    served = await serveWorkbench(workspace, { cwd: given, args: ['--upload-limit', '1'] })
    connection = served.connect()
    client = connection.client
  })
  afterAll(async () => {
    connection.close()
    await served.stop()
  })

  const known = (): Record<string, string> => ({ cookie: served.cookie })
  const writing = (): Record<string, string> => ({ cookie: served.cookie, origin: served.origin })
  const link = (): string => `/${new URL(served.url).search}`
  const refused = { code: 'FAILURE', defined: true, data: { code: 'refused' } }

  test('takes the token from the link into a cookie that no script and no other site can use', async () => {
    const first = await rawRequest(served.origin, { path: link() })
    expect(first).toMatchObject({
      status: 303,
      headers: { location: './', 'referrer-policy': 'no-referrer' }
    })
    const [cookie = ''] = first.headers['set-cookie'] ?? []
    expect(cookie.split('; ').slice(1).sort()).toEqual(['HttpOnly', 'Path=/', 'SameSite=Strict'])
    const page = await rawRequest(served.origin, { headers: { cookie: cookie.split(';')[0] } })
    expect(page.status).toBe(200)
    expect(page.text).toContain('<html')
    expect(page.headers['content-security-policy']).toContain("default-src 'none'")
    expect(page.headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(page.headers['x-content-type-options']).toBe('nosniff')
  })

  test.each(['/', '/index.html', '/assets/x.js', `/download/${'0'.repeat(32)}`, '/rpc', '/nothing'])(
    '%s is closed to whoever has no token or a wrong one',
    async (address) => {
      const { port } = new URL(served.origin)
      for (const headers of [{}, { cookie: `bilevel-${port}=wrong` }, { cookie: `bilevel-${port}=` }]) {
        const answer = await rawRequest(served.origin, { path: address, headers })
        expect(answer.status).toBe(401)
        expect(answer.text).toContain('Open the workbench with the link that it printed')
      }
    }
  )

  test('a wrong token in the link opens nothing', async () => {
    for (const token of ['', 'wrong', new URL(served.url).searchParams.get('token')!.slice(1)]) {
      const answer = await rawRequest(served.origin, { path: `/?token=${token}` })
      expect(answer.status).toBe(401)
      expect(answer.headers['set-cookie']).toBeUndefined()
    }
  })

  test.each(['https://evil.example', 'http://localhost.evil.example', 'http://127.0.0.1:1', 'null'])(
    'a page of %s may not use it, even with the token',
    async (origin) => {
      const requests = [
        { path: '/', headers: { ...known(), origin } },
        { path: link(), headers: { origin } },
        { method: 'PUT', path: `/upload/${randomUUID()}/a.csv`, headers: { ...known(), origin } }
      ]
      for (const asked of requests) {
        const answer = await rawRequest(served.origin, asked)
        expect(answer.status).toBe(403)
        expect(answer.text).toContain('Pages of other sites may not use this server.')
        expect(answer.headers['set-cookie']).toBeUndefined()
      }
      expect((await rawUpgrade(served.origin, { ...known(), origin })).status).toBe(403)
    }
  )

  test('it answers to its own names only: no DNS rebinding', async () => {
    const { port } = new URL(served.origin)
    for (const host of [`evil.example:${port}`, 'evil.example', `127.0.0.1.evil.example:${port}`]) {
      const asked = [
        rawRequest(served.origin, { headers: { ...known(), host } }),
        rawRequest(served.origin, { path: link(), headers: { host } }),
        rawUpgrade(served.origin, { ...known(), host, origin: `http://${host}` })
      ]
      for (const answer of await Promise.all(asked)) {
        expect(answer.status).toBe(403)
        expect(answer.text).toContain(`This server does not answer to the name "${host}"`)
        expect(answer.text).toContain('--allow-host')
      }
    }
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, 'localhost:8080']) {
      expect((await rawRequest(served.origin, { headers: { ...known(), host } })).status).toBe(200)
    }
  })

  test('a writing request must say which page it comes from', async () => {
    const path = `/upload/${randomUUID()}/a.csv`
    const answer = await rawRequest(served.origin, { method: 'PUT', path, headers: known(), body: ['a'] })
    expect(answer.status).toBe(403)
    expect((await rawRequest(served.origin, { method: 'POST', headers: writing() })).status).toBe(405)
    expect((await rawRequest(served.origin, { method: 'DELETE', path, headers: writing() })).status).toBe(405)
  })

  test('a web socket needs the token and a page of this server', async () => {
    const { origin } = served
    const without = await rawUpgrade(origin, { origin })
    expect(without.status).toBe(401)
    expect(without.text).toContain('Open the workbench with the link that it printed')
    expect((await rawUpgrade(origin, known())).status).toBe(403)
    expect((await rawUpgrade(origin, writing(), '/elsewhere')).status).toBe(404)
    expect((await rawUpgrade(origin, writing(), '//')).status).toBe(404)
    expect((await rawUpgrade(origin, writing())).status).toBe(101)
  })

  test.each([
    '/../../../../../../../etc/passwd',
    '/..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd',
    '/%2e%2e/%2e%2e/%2e%2e/package.json',
    '/assets/../../../package.json',
    '/assets/..\\..\\..\\package.json',
    '//etc/passwd',
    '/index.html%00.js',
    'http://127.0.0.1/etc/passwd',
    '/download/../../etc/passwd',
    '/download/%2e%2e%2f%2e%2e%2fetc%2fpasswd',
    `/download/${'0'.repeat(32)}`
  ])('nothing lies at %s', async (address) => {
    const answer = await rawRequest(served.origin, { path: address, headers: known() })
    expect(answer.status).toBe(404)
    expect(answer.text).toBe('There is nothing at this address.\n')
  })

  test('a folder outside those given is neither listed, read nor written', async () => {
    const secret = path.join(outside, 'secret.csv')
    const around = path.join(given, '..', 'outside', 'secret.csv')
    const linked = path.join(given, 'way-out', 'secret.csv')
    for (const folder of [outside, '/', path.join(given, '..'), path.join(given, 'way-out')]) {
      await expect(client.system.folder({ path: folder })).rejects.toMatchObject(refused)
      await expect(
        last(client.exports.write({ run: null, dataset: 'a', format: 'table', out: folder }))
      ).rejects.toMatchObject(refused)
    }
    for (const source of [secret, around, linked, '../outside/secret.csv']) {
      await expect(client.datasets.inspect({ source })).rejects.toMatchObject(refused)
      await expect(last(client.datasets.import({ source }))).rejects.toMatchObject(refused)
      await expect(
        last(client.datasets.import({ source: 'sample-digits', truth: source }))
      ).rejects.toMatchObject(refused)
    }
    expect(await client.datasets.list()).toEqual([])
    const failure = await client.datasets.inspect({ source: secret }).catch((error: unknown) => error)
    expect(failure).toMatchObject({
      data: {
        sentence: expect.stringContaining(`${secret} is outside the folders that this server was given`),
        remedy: 'Choose a folder inside them, or start the workbench with another one.'
      }
    })
    expect(readdirSync(outside)).toEqual(['secret.csv'])
  })

  test('a run may not read or write there either', async () => {
    const secret = path.join(outside, 'secret.csv')
    const linked = path.join(given, 'way-out', 'secret.csv')
    const wishes = [
      { train: secret },
      { trusted: `sample-digits#test+${linked}` },
      { test: `${secret}[0:1]` },
      { truth: secret },
      { startFrom: outside }
    ]
    const sample = { ...SPEC, train: 'sample-digits#train', trusted: 'sample-digits#test' }
    for (const wish of wishes) {
      const spec = { ...sample, ...wish }
      expect((await client.runs.check({ spec })).problems).toMatchObject([{ code: 'refused' }])
      await expect(client.runs.create({ spec })).rejects.toMatchObject(refused)
    }
    const out = path.join(outside, 'result')
    await expect(client.runs.create({ spec: sample, outputDir: out })).rejects.toMatchObject(refused)
    const { id } = await client.datasets.importSample({ noise: 0.1 })
    await expect(client.trust.useReference({ dataset: id, reference: secret })).rejects.toMatchObject(refused)
    await client.datasets.remove({ dataset: id, confirmed: true })
    expect(await client.runs.list()).toHaveLength(1)
  })

  test('a run gives out files of its own folder only', async () => {
    const own = await client.runs.file({ run, path: 'report.txt' })
    expect(await own.text()).toBe('mine')
    for (const wanted of [
      '../../../workbench.sqlite',
      '../../nothing',
      '/etc/passwd',
      'link.txt',
      'way-out/x'
    ]) {
      await expect(client.runs.file({ run, path: wanted })).rejects.toMatchObject(refused)
    }
    await expect(client.runs.file({ run, path: 'absent.txt' })).rejects.toMatchObject({
      data: { code: 'not-found' }
    })
  })

  test('an upload that is too large is refused before anything is kept', async () => {
    const id = randomUUID()
    const answer = await rawRequest(served.origin, {
      method: 'PUT',
      path: `/upload/${id}/big.npz`,
      headers: { ...writing(), 'content-length': GIBIBYTE + 1, connection: 'close' },
      // The sender means to send all of it; the answer comes first.
      body: ['the beginning']
    })
    expect(answer.status).toBe(413)
    expect(JSON.parse(answer.text)).toMatchObject({
      code: 'refused',
      sentence: 'The upload is larger than 1.0 GiB.',
      remedy: expect.stringContaining('start the workbench with a larger limit')
    })
    expect(existsSync(path.join(workspace, 'uploads', id))).toBe(false)
  })

  test('a good upload is kept, and a name that is a folder already is told in words', async () => {
    const id = randomUUID()
    const send = (name: string): ReturnType<typeof rawRequest> =>
      rawRequest(served.origin, {
        method: 'PUT',
        path: `/upload/${id}/${name}`,
        headers: writing(),
        body: ['a,label\n', '1,x\n2,y\n']
      })
    const answer = await send('set/my%20table.csv')
    expect(answer.status).toBe(200)
    const { path: kept } = JSON.parse(answer.text) as { path: string }
    expect(await client.datasets.inspect({ source: path.join(kept, 'my table.csv') })).toMatchObject({
      count: 2
    })
    for (const name of ['set', 'set/my%20table.csv/below.csv']) {
      const clash = await send(name)
      expect(clash.text).toContain('bad-input')
      expect(clash.status).toBe(400)
      expect(JSON.parse(clash.text)).toMatchObject({ code: 'bad-input', remedy: expect.any(String) })
    }
  })

  test('a broken or boundless connection ends alone; the workbench goes on', async () => {
    const broken = [
      (socket: WebSocket) => socket.send(Buffer.alloc(17 * 2 ** 20)),
      (socket: WebSocket) => socket.send('{"not": "a call"'),
      // A frame with reserved bits, past the client that would never send one.
      (socket: WebSocket) =>
        (socket as unknown as { _socket: { write(bytes: Buffer): void } })._socket.write(
          Buffer.from([0xff, 0xff])
        )
    ]
    for (const act of broken) {
      const socket = new WebSocket(`${served.origin.replace('http', 'ws')}/rpc`, { headers: writing() })
      await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
      const closed = new Promise((resolve) => socket.once('close', resolve))
      socket.on('error', () => undefined)
      act(socket)
      // What is no call at all is passed over; then it is this side that leaves.
      if (act === broken[1]) socket.close()
      await closed
    }
    expect((await client.system.ping()).now).toBeGreaterThan(0)
    expect(served.process.exitCode).toBeNull()
  })
})

test('other machines are let in only with a warning', async () => {
  const dir = temporaryFolder()
  try {
    const said: string[] = []
    const open = await serveWorkbench(path.join(dir, 'workspace'), {
      cwd: dir,
      args: ['--host', '0.0.0.0'],
      onStderr: (text) => said.push(text)
    })
    const connection = open.connect()
    expect((await connection.client.system.info()).exposed).toBe(true)
    connection.close()
    // Exposed is not unguarded.
    expect((await rawRequest(open.origin)).status).toBe(401)
    const foreign = await rawRequest(open.origin, { headers: { cookie: open.cookie, host: 'evil.example' } })
    expect(foreign.status).toBe(403)
    await open.stop()
    expect(said.join('')).toMatch(/WARNING: other machines can reach this server\. Traffic is not encrypted/)
    expect(said.join('')).toContain('ssh -L')

    const quiet: string[] = []
    const closed = await serveWorkbench(path.join(dir, 'workspace'), {
      cwd: dir,
      onStderr: (text) => quiet.push(text)
    })
    await closed.stop()
    expect(quiet.join('')).not.toContain('WARNING')
  } finally {
  }
})

/** A run that has ended, with a folder that holds its own file and ways out of it. */
function recordRun(dir: string): string {
  const workspace = openWorkspace(dir)
  const { id, outputDir } = createRun({ workspace, spec: SPEC })
  mkdirSync(outputDir, { recursive: true })
  writeFileSync(path.join(outputDir, 'report.txt'), 'mine')
  symlinkSync('/etc/hostname', path.join(outputDir, 'link.txt'))
  symlinkSync(path.dirname(dir), path.join(outputDir, 'way-out'))
  writeFileSync(path.join(path.dirname(dir), 'x'), 'not yours')
  workspace.store.move(id, 'cancelled')
  workspace.close()
  return id
}

async function last<T>(stream: Promise<AsyncIterable<T>>): Promise<T | undefined> {
  let newest: T | undefined
  for await (const news of await stream) newest = news
  return newest
}

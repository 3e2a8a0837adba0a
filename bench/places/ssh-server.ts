import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const SSHD = '/usr/sbin/sshd'

/**
 * An OpenSSH server of this machine alone, with keys that end with it, and a configuration by which `ssh login` reaches it,
 * its sessions kept open as docs/cluster.md advises.
 */
export class SshServer {
  readonly config: string
  readonly #settings: string
  #server: ChildProcess | undefined
  readonly #log: string

  /** @param environment what its sessions know beside their own. @throws Error where there is no sshd */
  constructor(dir: string, port: number, environment: Readonly<Record<string, string>>) {
    mkdirSync(dir, { mode: 0o700 })
    // Where OpenSSH's server separates its privileges.
    mkdirSync('/run/sshd', { recursive: true })
    const at = (name: string): string => path.join(dir, name)
    for (const name of ['host', 'user'])
      if (spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(name)]).status !== 0)
        throw new Error('ssh-keygen makes no key.')
    const [type, key] = readFileSync(at('host.pub'), 'utf8').split(' ')
    writeFileSync(at('known'), `[127.0.0.1]:${port} ${type} ${key}\n`)
    writeFileSync(at('authorized'), readFileSync(at('user.pub')), { mode: 0o600 })
    // bash reads no start-up files of this machine's user at that depth.
    const set = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
    this.#settings = at('sshd_config')
    this.#log = at('sshd.log')
    this.config = at('config')
    writeFileSync(
      this.#settings,
      `ListenAddress 127.0.0.1
Port ${port}
HostKey ${at('host')}
AuthorizedKeysFile ${at('authorized')}
PidFile none
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
SetEnv ${['SHLVL=2', ...set].join(' ')}
`
    )
    writeFileSync(
      this.config,
      `Host login
  HostName 127.0.0.1
  Port ${port}
  IdentityFile ${at('user')}
  IdentitiesOnly yes
  UserKnownHostsFile ${at('known')}
  StrictHostKeyChecking yes
  ControlMaster auto
  ControlPath ${at('c')}
  ControlPersist 10m
`
    )
    this.start()
  }

  start(): void {
    const log = openSync(this.#log, 'a')
    this.#server = spawn(SSHD, ['-D', '-e', '-f', this.#settings], { stdio: ['ignore', log, log] })
    this.#server.on('error', (error) => console.error(error.message))
  }

  /** With all its sessions, as when its machine is switched off. */
  stop(): void {
    const { pid } = this.#server ?? {}
    if (pid === undefined) return
    for (const child of [...descendants(pid).reverse(), pid]) {
      try {
        process.kill(child, 'SIGKILL')
      } catch {
        // It went with another.
      }
    }
    this.#server = undefined
  }
}

/** Processes that a process started, and theirs. */
function descendants(pid: number): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name): [number, number] => [Number(name), parentOf(name)])
  const below = (of: number): number[] =>
    parents.flatMap(([child, parent]) => (parent === of ? [child, ...below(child)] : []))
  return below(pid)
}

function parentOf(pid: string): number {
  try {
    return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}

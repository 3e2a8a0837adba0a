import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import path from 'node:path'
import { PROJECT } from '../../tests/support/command'
import { SshServer } from './ssh-server'

const SSH_PORT = 12022
const SCRIPT = path.join(PROJECT, 'tests/support/slurm-cluster.sh')

export interface ClusterKind {
  /** Behind a real OpenSSH server (openssh-server); otherwise behind a stand-in. */
  readonly realSsh?: boolean
  /** With slurmdbd (slurmdbd, mariadb-server). */
  readonly accounting?: boolean
}

/** What `npm run bench -- place-... --real-ssh --accounting` asks for, and the other words. */
export function clusterKind(words: readonly string[]): { kind: ClusterKind; rest: string[] } {
  const [ssh, accounting] = ['--real-ssh', '--accounting']
  return {
    kind: { realSsh: words.includes(ssh!), accounting: words.includes(accounting!) },
    rest: words.filter((word) => word !== ssh && word !== accounting)
  }
}

/**
 * A Slurm of two nodes on this machine behind ssh, whose line can be cut, and with a shared disk that can be filled.
 * Only root can have one.
 */
export class Cluster {
  readonly dir: string
  readonly shared: string
  readonly ssh: SshServer | undefined
  readonly #bin: string

  /** @throws Error where it cannot be had */
  constructor(folder: string, { realSsh = false, accounting = false }: ClusterKind = {}) {
    this.dir = path.join(folder, 'cluster')
    this.shared = path.join(folder, 'shared')
    this.#bin = path.join(folder, 'bin')
    const environment = { ...process.env, SLURM_CLUSTER_ACCOUNTING: accounting ? 'yes' : '' }
    // Its daemons would keep a pipe open.
    const said = path.join(folder, 'start.log')
    const log = openSync(said, 'w')
    const started = spawnSync(SCRIPT, ['start', this.dir], { env: environment, stdio: ['ignore', log, log] })
    if (started.status !== 0) throw new Error(readFileSync(said, 'utf8').trim())
    process.env['SLURM_CONF'] = path.join(this.dir, 'slurm.conf')
    mkdirSync(this.shared)
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', this.shared]).status !== 0)
      throw new Error('A small disk cannot be mounted.')
    if (realSsh) this.ssh = new SshServer(path.join(folder, 'ssh'), SSH_PORT, this.#forSessions())
    this.#putSsh()
    for (const name of ['squeue', 'sbatch', 'sacct']) this.#count(name)
    process.env['PATH'] = `${this.#bin}:${process.env['PATH']}`
  }

  #forSessions(): Record<string, string> {
    return { SLURM_CONF: path.join(this.dir, 'slurm.conf') }
  }

  /** A line that can be cut, to a real server or to a shell of this machine. */
  #putSsh(): void {
    mkdirSync(this.#bin)
    const flag = (name: string): string => path.join(this.#bin, name)
    this.#script(
      'ssh',
      `[ -e ${flag('hang')} ] && exec sleep 1000
[ -e ${flag('slow')} ] && sleep 2
[ -e ${flag('down')} ] && { echo "ssh: connect to host login port 22: Connection refused" >&2; exit 255; }
for last; do :; done
case "$last" in *' && tar -'*) [ -e ${flag('cut')} ] && { rm ${flag('cut')}; head -c 3000 >/dev/null; echo "client_loop: send disconnect: Broken pipe" >&2; exit 255; } ;; esac
${this.ssh ? `exec /usr/bin/ssh -F ${this.ssh.config} "$@"` : 'cd /; exec sh -c "$last"'}`
    )
  }

  /** Slurm's own command, each call a line in a file. */
  #count(name: string): void {
    const real = spawnSync('which', [name], { encoding: 'utf8' }).stdout.trim()
    this.#script(name, `echo "$*" >> ${path.join(this.#bin, `${name}.calls`)}\nexec ${real} "$@"`)
  }

  #script(name: string, body: string): void {
    const file = path.join(this.#bin, name)
    writeFileSync(file, `#!/bin/sh\n${body}\n`)
    chmodSync(file, 0o755)
  }

  calls(name: 'squeue' | 'sbatch' | 'sacct'): string[] {
    const file = path.join(this.#bin, `${name}.calls`)
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
  }

  /** The line to the login node: `down` refuses, `hang` never answers, `slow` takes 2 s, `cut` breaks off one copy. */
  line(fault: 'down' | 'hang' | 'slow' | 'cut', isOn = true): void {
    const file = path.join(this.#bin, fault)
    if (isOn) writeFileSync(file, '')
    else rmSync(file, { force: true })
  }

  fillDisk(): void {
    spawnSync('dd', ['if=/dev/zero', `of=${this.shared}/filler`, 'bs=64k'])
  }

  emptyDisk(): void {
    rmSync(path.join(this.shared, 'filler'), { force: true })
  }

  /** Ask Slurm, past the count. */
  slurm(command: string, ...args: string[]): string {
    return spawnSync(`/usr/bin/${command}`, args, { encoding: 'utf8' }).stdout.trim()
  }

  setPartition(state: 'up' | 'down'): void {
    this.slurm('scontrol', 'update', 'partitionname=main', `state=${state}`)
  }

  /** Jobs in the queue, of all states that may still train. */
  queue(): string[] {
    return this.slurm('squeue', '--noheader', '--array', '--format=%i').split('\n').filter(Boolean)
  }

  /** A node with all that runs on it, as when its power fails. */
  killNode(node: string, job: string): void {
    process.kill(Number(readFileSync(path.join(this.dir, `${node}.pid`), 'utf8')), 'SIGKILL')
    for (const pid of processesWith((command, environ) => {
      return command.includes(`slurmstepd: [${job}.`) || environ.includes(`\0SLURM_JOB_ID=${job}\0`)
    }))
      end(pid)
  }

  startNode(node: string): void {
    spawnSync('slurmd', ['-f', path.join(this.dir, 'slurm.conf'), '-N', node], {
      env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` }
    })
  }

  restartController(pauseMs: number): Promise<void> {
    process.kill(Number(readFileSync(path.join(this.dir, 'slurmctld.pid'), 'utf8')), 'SIGKILL')
    return new Promise((resolve) => {
      setTimeout(() => {
        spawnSync('/usr/sbin/slurmctld', ['-f', path.join(this.dir, 'slurm.conf')])
        resolve()
      }, pauseMs)
    })
  }

  stop(): void {
    for (const job of this.queue()) this.slurm('scancel', job)
    this.ssh?.stop()
    spawnSync(SCRIPT, ['stop', this.dir])
    // slurmctld saves its state before it ends.
    spawnSync('sleep', ['3'])
    spawnSync('umount', [this.shared])
  }
}

/** Pids of processes of this machine by their command line and their environment. */
export function processesWith(isMeant: (command: string, environ: string) => boolean): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ')
        return command !== '' && isMeant(command, readFileSync(`/proc/${pid}/environ`, 'latin1'))
      } catch {
        return false
      }
    })
    .map(Number)
}

/** The processes that train a run now; one that is stopped does not. */
export function trainersOf(runFolder: string): number[] {
  return processesOf(runFolder).filter((pid) => !/^State:\s*[TZ]/m.test(readStatus(pid)))
}

export function stoppedTrainersOf(runFolder: string): number[] {
  return processesOf(runFolder).filter((pid) => /^State:\s*T/m.test(readStatus(pid)))
}

function processesOf(runFolder: string): number[] {
  return processesWith((command) => command.includes(`worker.js train-run ${runFolder} `))
}

function readStatus(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    return 'State: Z'
  }
}

export function end(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It was faster.
  }
}

import { randomUUID } from 'node:crypto'
import { EventEmitter } from 'node:events'
import type { Onlooker } from '../../shared/domain/decision'
import type { Reader } from '../runs'

/** Those who look on now, by name. A window keeps its name over a lost connection; others are called by theirs. */
export class Readers extends EventEmitter<{ change: [] }> {
  readonly #present = new Map<string, number>()

  constructor() {
    super()
    this.setMaxListeners(0)
  }

  /** A connection of one window or program, until it is closed. */
  connect(): Connection {
    return new Connection(this)
  }

  othersThan(name: string): string[] {
    return [...this.#present.keys()].filter((other) => other !== name)
  }

  /** @returns how to leave */
  join(name: string): () => void {
    this.#present.set(name, (this.#present.get(name) ?? 0) + 1)
    this.emit('change')
    return () => {
      const left = (this.#present.get(name) ?? 1) - 1
      if (left > 0) this.#present.set(name, left)
      else this.#present.delete(name)
      this.emit('change')
    }
  }
}

/** Whoever is at the other end of a message port or a web socket. */
class Connection {
  readonly #own = `connection ${randomUUID()}`
  readonly #joined = new Map<string, () => void>()

  constructor(private readonly readers: Readers) {}

  /** Who acts, by the name it gives itself, present until the connection is closed. */
  reader(name = this.#own): Reader {
    if (!this.#joined.has(name)) this.#joined.set(name, this.readers.join(name))
    return { id: name, others: this.readers.othersThan(name) }
  }

  close(): void {
    for (const leave of this.#joined.values()) leave()
    this.#joined.clear()
  }
}

/** What a handler knows of those who look on. */
export interface Watched {
  readonly readers?: Readers
  /** The one that asks. */
  readonly connection?: Connection
}

/** Who acts: by the reader's name given, else the connection; whoever acts without one acts alone. */
export function readerOf(connection: Connection | undefined, { reader, by }: Onlooker): Reader {
  return { ...(connection?.reader(reader) ?? { id: reader ?? '', others: [] }), by }
}

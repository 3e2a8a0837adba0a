/** Something has happened since it was waited for last; ends waiting when the reader leaves. */
export class ChangeSignal {
  #raised = false
  #wake: (() => void) | undefined

  constructor(leaving: AbortSignal | undefined) {
    leaving?.addEventListener('abort', () => this.raise())
  }

  raise(): void {
    this.#raised = true
    this.#wake?.()
  }

  async wait(): Promise<void> {
    if (!this.#raised) await new Promise<void>((resolve) => (this.#wake = resolve))
    this.#raised = false
  }
}

/** All that the preload script adds to the page; what it says to main goes through the API's message port. */
export interface Bridge {
  /** What the page posts to itself, with a port, to open the API. */
  readonly connectMessage: string
  /** Where a file that was dropped on the window or chosen in it lies on disk. */
  pathOf(file: File): string
  /** A native dialog; null when it was dismissed. */
  chooseSource(kind: 'file' | 'folder'): Promise<string | null>
  chooseFolder(): Promise<string | null>
  /** Show a folder in the system's file browser. */
  reveal(path: string): Promise<void>
  /** Open another workspace, chosen in a dialog when null; the window loads again. */
  openWorkspace(path: string | null): Promise<void>
  /** What the menu asks of the window: a route to go to. */
  onNavigate(go: (route: string) => void): void
}

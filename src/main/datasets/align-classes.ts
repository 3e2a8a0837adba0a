import type { ExampleSelection } from './example-selection'

/** Give several selections (train, trusted, test) one list of classes, or say which two disagree. */
export declare function alignClasses(selections: readonly ExampleSelection[]): ExampleSelection[]

/** For ESLint's no-restricted-syntax. */
export const ELECTRON: { readonly selector: string; readonly message: string }[]

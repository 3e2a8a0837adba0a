/** Where the C library and the ready-made addon of a system are published. */
export function archiveAddresses(
  plan: { readonly build: 'cpu' | 'cuda' },
  addonVersion: string,
  platform?: string,
  arch?: string,
  env?: Readonly<Record<string, string | undefined>>
): { library: string; addon: string | undefined }

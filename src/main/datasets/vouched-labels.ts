import * as z from 'zod'
import type { DatasetMeta } from '../../shared/domain/dataset'
import { vouchedLabel, type VouchedLabel } from '../../shared/domain/trusted-set'
import { KeptVersions } from './kept-versions'

/** Labels as they were vouched for on some day. */
const VOUCHED = new KeptVersions('vouched', 'label corrections')

const vouchedFile = z.object({ schema: z.literal(1), labels: z.array(vouchedLabel) })

/**
 * Keep the labels that are vouched for today: a run that names their version trains on them whatever is decided later.
 * @returns the version; null for none
 */
export function keepVouched(meta: DatasetMeta, labels: readonly VouchedLabel[]): string | null {
  return labels.length === 0 ? null : VOUCHED.keep(meta, { schema: 1, labels })
}

/** Whether a version is there. */
export function isKept(meta: DatasetMeta, version: string): boolean {
  return VOUCHED.has(meta, version)
}

/** The labels of a version. @throws Failure bad-input when it is gone or was changed */
export function keptVouched(meta: DatasetMeta, version: string): readonly VouchedLabel[] {
  return vouchedFile.parse(VOUCHED.read(meta, version)).labels
}

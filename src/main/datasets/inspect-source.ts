import type { Inspection } from '@shared/domain/inspection'
import type { ImportOptions } from './import-options'

/** Look at a source without writing anything. */
export declare function inspectSource(path: string, options?: ImportOptions): Promise<Inspection>

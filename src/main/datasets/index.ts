// The public face of the dataset room: what shells, the API and the training process may use.
export { DatasetStore } from './dataset-store'
export { ByteReader } from '../file-formats/byte-reader'
export { fileFailure } from '../file-formats/file-failure'
export { csvRecords } from '../file-formats/csv-reader'
export { csvLines, fromSheetCell, sheetLines } from '../file-formats/csv-writer'
export { decimal } from '../file-formats/decimal'
export { readNpyHeader } from '../file-formats/npy'
export { MIXED_SIZE } from './import-options'
export type { ImportOptions, ImportWatch } from './import-options'
export { referenceWarnings } from './reference-warnings'
export { inspectSource } from './inspect-source'
export { ExampleSelection } from './example-selection'
export { freezeTrusted, partsOfReference, pathsOfReference, resolveReference } from './resolve-reference'
export type { ReferenceOptions } from './resolve-reference'
export { locatePinned } from './locate-pinned'
export { checkPinnedFiles, frozenSpec, namedAsToday, pinEarlierSpec, pinSpec, readingOf } from './pin-spec'
export { contentHash } from './store/content'
export { alignClasses } from './align-classes'
export { alignColumns } from './align-columns'
export { exportChecked } from './checked-export'
export type { CheckedExport, FileSum } from './checked-export'
export { exportDataset, sourceFormat } from './export-dataset'
export { checkOut } from './export/new-folder'
export type { ExportOptions, ExportRequest, ExportResult, ExtraExamples } from './export/export-types'
export { BUNDLED_SAMPLES } from './bundled-samples'
export { readTrueLabels } from './true-labels'
export { corruptLabels } from './corrupt-labels'
export type { CorruptionOptions, NoisePattern } from './corrupt-labels'
export { corruptDataset } from './corrupt-dataset'
export { decodeImage, resizePixels } from './pictures/decode-image'
export type { Resizing } from './pictures/decode-image'
export { pictureQualities } from './pictures/picture-qualities'
export type { PictureQualities } from './pictures/picture-qualities'
export { examplePicture } from './pictures/example-picture'
export {
  FEATURES_FILE,
  FILES_FILE,
  folderOfMeta,
  LABELS_FILE,
  readFileNames,
  readMeta,
  TRUTH_FILE,
  writeMeta
} from './store/dataset-folder'
export { renderPoisonPanels } from './pictures'
export { pictureFacts, renderPage, renderPicture } from './shown-pictures'
export type { PictureFile } from './pictures/shown-picture'
export {
  cellsOfRows,
  headsOf,
  judgedCells,
  linesOf,
  rowsInOrder,
  rowsWith,
  selectedRowsWith
} from './table-views'
export { summariseDataset } from './summarise-dataset'
export { FILE_ENDINGS } from './formats'
export { formatsFor } from './export-formats'
export { FLAGGED, ISSUE_COLUMN, issueColumns } from './issue-columns'
export { wordsOf } from './table/text-words'
export { exportIssues } from './issue-export'
export type { IssueReport } from './issue-export'
export { verifyExport } from './verify-export'
export type { ExportCheck } from './verify-export'
export { npyFile, writeArrays } from './export/array-archive'
export type { NumericArray } from './export/array-archive'
export { readNamedArrays } from '../file-formats/named-arrays'
export type { NamedArray } from '../file-formats/named-arrays'
export { pickle } from '../file-formats/pickle'
export type { PickledImage, PickleValue } from '../file-formats/pickle'
export { renderStrip } from './pictures/strip'
export type { StripRow } from './pictures/strip'
export { mayHoldPoisons, poisonRows, rowsWithoutPoisons } from './poisoned-rows'
export { MANIFEST_FILE, isPoisoned } from './poisoned-manifest'
export { CHECKED_SPLIT, importNoisySample, importSampleOf } from './noisy-sample'
export { checkMarks, lastingReference, markedIn, readTrust, trustedReference } from './trusted-marks'
export type { TrustState } from './trusted-marks'
export { storedZipSize, zipBytes } from '../file-formats/zip-writer'
export type { ZipMember } from '../file-formats/zip-writer'
export {
  createTemporaryFolder,
  discardFolder,
  publishFolder,
  sweepTemporaryFolders
} from './store/temporary-folder'
export { markUsed, removeUnused } from './store/unused-folders'
export { listLeftovers, recordFoldersIn, removeLeftovers } from './store/leftovers'
export type { Leftover } from './store/leftovers'
export { damagedMarks } from './adopt-marks'
export type { LabelDecisions } from './label-decisions'
export { keepVouched } from './vouched-labels'
export type { VouchedRows } from './joined-parts'
export { exportedFrom, originOf, parentRowsOf, versionRecordOf } from './version-record'
export type { VersionDecision } from './version-record'

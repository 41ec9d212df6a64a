/** Readings out of files of phones, watches and apps, piece by piece. A door of its own, so that what opens files is loaded when somebody has one. */
export { importAppleXml } from './apple-health.ts'
export { importAppleZip } from './apple-zip.ts'
export { type FitOptions, importFit } from './fit.ts'
export {
  type FoundDocument,
  type ImportBatch,
  ImportFault,
  type ImportFaultKind,
  type Pieces,
  type Skipped,
  type SkipReason,
  piecesOf,
  plainText,
} from './import-run.ts'
export { importNightscout } from './nightscout.ts'
export { importOpenMhealth } from './open-mhealth.ts'
export { type CsvOptions, importCsv } from './csv.ts'
export type { DateOrder } from './csv-cells.ts'
export {
  CSV_SAMPLE_BYTES,
  type CsvColumn,
  type CsvEncoding,
  type CsvGuess,
  type CsvMapping,
  type CsvQuestion,
  guessCsv,
  questionsOf,
} from './csv-mapping.ts'
export { BEGINNING_BYTES, type FileFormat, type FileOptions, formatOf, importFile } from './formats.ts'
export { createPreviewer, type ImportPreview, type KindPreview, type Previewer } from './preview.ts'

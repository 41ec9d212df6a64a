// What the packages of decoders export, which have no types of their own; `dicom/codecs.ts` says what is in it.
declare module '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs' {
  const glue: unknown
  export default glue
}
declare module '@cornerstonejs/codec-charls/decodewasmjs' {
  const glue: unknown
  export default glue
}
declare module '@cornerstonejs/codec-openjpeg/decodewasmjs' {
  const glue: unknown
  export default glue
}
declare module 'tesseract.js-core/tesseract-core-simd-lstm.js' {
  const glue: unknown
  export default glue
}
declare module '*?base64' {
  /** The file's bytes (scripts/wasm-inside.ts). */
  const base64: string
  export default base64
}

// What the network accepts. local network facts 4.3 and 5.8; interface specification, "WebAssembly module requirements".

const MiB = 1024 * 1024

export const MODULE_BYTES_MAX = 100 * MiB
export const CODE_SECTION_BYTES_MAX = 10 * MiB
export const FUNCTIONS_MAX = 50_000
export const GLOBALS_MAX = 1_000
export const METHODS_MAX = 1_000
export const METHOD_NAME_CHARS_MAX = 20_000
export const CUSTOM_SECTIONS_MAX = 16
export const CUSTOM_SECTION_BYTES_MAX = MiB

// V8's own limits for one function (v8/src/wasm/wasm-limits.h). Metering adds one local and some code, and must stay below them.
export const FUNCTION_LOCALS_MAX = 50_000
export const FUNCTION_BODY_BYTES_MAX = 7_654_321

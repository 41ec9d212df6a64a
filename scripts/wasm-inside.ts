import { readFileSync } from 'node:fs'
import type { Plugin } from 'vite'

const ENDING = '?base64'

/** `import text from '….wasm?base64'`: a file's bytes inside a script, for workers that may fetch nothing (app-headers.ts). */
export const wasmInside: Plugin = {
  name: 'bytes inside a script',
  enforce: 'pre',
  async resolveId(id, importer) {
    if (!id.endsWith(ENDING)) return null
    const found = await this.resolve(id.slice(0, -ENDING.length), importer, { skipSelf: true })
    return found === null ? null : `\0${found.id}${ENDING}`
  },
  load(id) {
    if (!id.startsWith('\0') || !id.endsWith(ENDING)) return null
    return `export default ${JSON.stringify(readFileSync(id.slice(1, -ENDING.length)).toString('base64'))}`
  },
}

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { LANGUAGE_BYTES, PAPER_LANGUAGES, RECOGNISER_BYTES } from './paper-types.ts'

const { resolve } = createRequire(import.meta.url)

/** As the page is served: inside a script, and compressed. */
const served = (name: string) => gzipSync(readFileSync(resolve(name)).toString('base64')).length

test('what is said of the sizes that are fetched is so', () => {
  const about = (said: number, is: number) => expect(Math.abs(said - is) / is).toBeLessThan(0.1)
  about(RECOGNISER_BYTES, served('tesseract.js-core/tesseract-core-simd-lstm.wasm'))
  for (const language of PAPER_LANGUAGES)
    about(LANGUAGE_BYTES[language], served(`@tesseract.js-data/${language}/4.0.0_best_int/${language}.traineddata.gz`))
})

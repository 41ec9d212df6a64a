import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'

import { ROOT, UsageError } from './project.ts'
import { dictionarySamples } from './dictionary/samples.ts'
import { trainDictionary } from './dictionary/train.ts'

const USAGE = `usage: node scripts/boot.mjs print-dictionary NUMBER

  Writes src/crypto/src/dictionary-NUMBER.ts from test/vectors/dictionary-NUMBER-samples.json.gz; those are made anew where they are missing.`

const SIZE_BYTES = 16_384
const LINE_CHARS = 110

export const samplesFile = (number: number): string => join(ROOT, `test/vectors/dictionary-${number}-samples.json.gz`)

/** What a dictionary is made of: of one that is in use it never changes. */
export const keptSamples = (number: number): readonly (readonly string[])[] =>
  JSON.parse(gunzipSync(readFileSync(samplesFile(number))).toString('utf8')) as string[][]

export const dictionaryFrom = (groups: readonly (readonly string[])[]): Uint8Array<ArrayBuffer> =>
  trainDictionary(
    groups.flatMap((samples, group) => samples.map((text) => ({ group, bytes: new TextEncoder().encode(text) }))),
    SIZE_BYTES,
  )

export async function main([argument = '', ...more]: readonly string[]): Promise<void> {
  if (!/^[1-9]\d?$/.test(argument) || more.length > 0) throw new UsageError(USAGE)
  const number = Number(argument)
  if (!existsSync(samplesFile(number)))
    writeFileSync(samplesFile(number), gzipSync(JSON.stringify(dictionarySamples()), { level: 9 }))
  const text = Buffer.from(dictionaryFrom(keptSamples(number))).toString('latin1')
  const lines = text.match(new RegExp(`[^]{1,${LINE_CHARS}}`, 'g')) ?? []
  const source = `/** Written by scripts/print-dictionary.ts from samples of nobody (docs/crypto.md, "Encoded body"). It never changes: what is stored needs it to be read. */
export const DICTIONARY_${number} = [
${lines.map((line) => `  ${quoted(line)},`).join('\n')}
].join('')
`
  writeFileSync(join(ROOT, `src/crypto/src/dictionary-${number}.ts`), source)
}

/** As the formatter leaves it. */
function quoted(line: string): string {
  const inside = line.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  const count = (mark: string) => inside.split(mark).length
  return count("'") > count('"') ? `"${inside.replaceAll('"', '\\"')}"` : `'${inside.replaceAll("'", "\\'")}'`
}

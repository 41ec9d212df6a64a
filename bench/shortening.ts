import { encodeContent, padmeLength } from '@medguard/crypto'
import { generatePatient } from '@medguard/synthetic'

// What texts take sealed, as they are and made shorter (docs/crypto.md, "Encoded body"): of patients that the dictionary never saw.

export const TEXTS = [
  'a FHIR resource',
  'a summary of a patient, with spaces',
  'laboratory results of ten years, with spaces',
  'a note of a visit',
] as const
type Text = (typeof TEXTS)[number]
/** Bytes, the mean of each. */
export type SealedTexts = Readonly<
  Record<Text, { readonly content: number; readonly asIs: number; readonly shorter: number }>
>

const PATIENTS = 5
const TAG_BYTES = 16
const CHUNK_BYTES = 2 ** 20

export const textsOf = (seed: string): Readonly<Record<Text, readonly Uint8Array[]>> => {
  const { bundle, documents } = generatePatient({ seed, yearsOfVisits: 10, bundleType: 'collection' })
  const file = (start: string) =>
    documents.filter(({ fileName }) => fileName.startsWith(start)).map(({ bytes }) => bytes)
  return {
    'a FHIR resource': bundle.entry.map(({ resource }) => new TextEncoder().encode(JSON.stringify(resource))),
    'a summary of a patient, with spaces': file('patient-summary'),
    'laboratory results of ten years, with spaces': file('lab-results'),
    'a note of a visit': file('visit-'),
  }
}

export async function sealedTexts(): Promise<SealedTexts> {
  const patients = Array.from({ length: PATIENTS }, (_, n) => textsOf(`never seen ${n}`))
  const figures = TEXTS.map(async (name) => {
    const texts = patients.flatMap((patient) => patient[name])
    const sums = { content: 0, asIs: 0, shorter: 0 }
    for (const text of texts) {
      sums.content += text.length
      sums.asIs += sealedBytes(text.length)
      sums.shorter += sealedBytes((await encodeContent(text))?.length ?? text.length)
    }
    const mean = (sum: number) => Math.round(sum / texts.length)
    return [name, { content: mean(sums.content), asIs: mean(sums.asIs), shorter: mean(sums.shorter) }] as const
  })
  return Object.fromEntries(await Promise.all(figures)) as SealedTexts
}

function sealedBytes(sizeBytes: number): number {
  const padded = padmeLength(sizeBytes)
  return padded + Math.max(1, Math.ceil(padded / CHUNK_BYTES)) * TAG_BYTES
}

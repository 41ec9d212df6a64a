import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { mapMessage, readMessage } from '@medguard/fhir/hl7v2'
import { generatePatient, type Resource } from '@medguard/synthetic'

import { ROOT } from '../project.ts'

const PATIENTS = 8
/** Of each type of resource, so that results of which there are thousands leave room for the others. */
const OF_A_TYPE = 12
const DOCUMENT_CHARS = 3_000
const RECEIVED_MS = Date.UTC(2025, 9, 31)

/**
 * Records as MedGuard stores them, of nobody, by patient: resources of synthetic patients, one a record and as files of many, notes of visits, and what the gateway makes of
 * HL7 v2 messages that were written for its tests. Once a dictionary is in use its samples are kept as they were (docs/crypto.md): these are for the next.
 */
export function dictionarySamples(): string[][] {
  const groups: string[][] = []
  for (let n = 0; n < PATIENTS; n++) {
    const patient = generatePatient({ seed: `dictionary ${n}`, bundleType: 'collection' })
    const samples: string[] = []
    const counts = new Map<string, number>()
    const some = patient.bundle.entry.toReversed().filter(({ resource }) => {
      const kind = kindOf(resource)
      counts.set(kind, (counts.get(kind) ?? 0) + 1)
      return (counts.get(kind) ?? 0) <= (resource.resourceType === 'Observation' ? 1 : OF_A_TYPE)
    })
    for (const { resource } of some) samples.push(JSON.stringify(resource))
    for (const { mediaType, bytes } of patient.documents)
      if (mediaType !== 'application/pdf') samples.push(new TextDecoder().decode(bytes).slice(0, DOCUMENT_CHARS))
    groups.push(samples)
  }
  // What is in a dictionary is text of one byte a letter, wherever a piece is cut.
  return [...groups, ...messages()].map((group) => group.map((sample) => sample.replaceAll(/[^\n -~]/g, '')))
}

/** Each measure is a kind of its own. */
function kindOf(resource: Resource): string {
  const { resourceType } = resource
  return resource.resourceType === 'Observation' ? `${resourceType} ${resource.code.text}` : resourceType
}

function messages(): string[][] {
  const folder = join(ROOT, 'test/vectors/hl7v2')
  const names = readdirSync(folder).filter((name) => name.startsWith('own-') && !name.startsWith('own-bad'))
  return names.toSorted().flatMap((name) => {
    const { file, bundle } = mapMessage(readMessage(readFileSync(join(folder, name))), { receivedMs: RECEIVED_MS })
    return file === null ? [[JSON.stringify(bundle)]] : []
  })
}

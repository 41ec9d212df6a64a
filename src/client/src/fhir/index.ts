import type { Category } from '@medguard/protocol'
import type { FhirPart } from '../fhir-api.ts'
import type { Session } from '../session.ts'
import type { OnTheWay, VaultReading } from './vault-as-fhir.ts'

// What knows FHIR is loaded when it is asked for: few sessions do.

/** @param client as it is once it is whole */
export function fhirPart({ unlocked }: Session, client: () => VaultReading): FhirPart {
  return {
    exportFhir: (sink, progress, signal) =>
      unlocked(async () => (await import('./vault-as-fhir.ts')).vaultWritten(client(), sink, { progress, signal })),
    exportSummary: (categories, sink, progress, signal) =>
      unlocked(async () =>
        (await import('./vault-as-fhir.ts')).summaryWritten(client(), categories, sink, { progress, signal }),
      ),
  }
}

/** An International Patient Summary, as it goes into a link. */
export async function summaryBytes(
  client: VaultReading,
  categories: readonly Category[],
  way: OnTheWay,
): Promise<{ readonly bytes: Uint8Array; readonly leftOut: number }> {
  const { summary, damaged } = await (await import('./vault-as-fhir.ts')).summaryMade(client, categories, way)
  return { bytes: new TextEncoder().encode(JSON.stringify(summary)), leftOut: damaged }
}

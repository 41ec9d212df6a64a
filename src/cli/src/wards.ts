import type { MedGuardClient, WardInfo } from '@medguard/client'
import { UsageError, valueOf } from './exit-code.ts'
import type { Identities } from './identities.ts'

/** Somebody in whose place the signed-in person may act: by the beginning of that id, by share code, or by a name on this machine. */
export async function wardOf(client: MedGuardClient, identities: Identities, who: string): Promise<WardInfo> {
  const { wards } = valueOf(await client.people())
  const isPrefix = /^[0-9a-f]{8,32}$/i.test(who)
  const patient = isPrefix ? null : identities.resolve(who)
  const found = wards.filter((ward) =>
    isPrefix ? ward.patientId.startsWith(who.toLowerCase()) : ward.patient === patient,
  )
  const [ward] = found
  if (ward === undefined) throw new UsageError(`you do not act for ${who}`)
  if (found.length > 1) throw new UsageError(`several begin with ${who}: give more of the id`)
  return ward
}

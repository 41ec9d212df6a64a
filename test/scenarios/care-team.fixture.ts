import {
  type AlertWords,
  authorSignerOf,
  createClient,
  developmentNetwork,
  type MedGuardClient,
  newAuthorKeys,
  type Outcome,
  type Right,
  type Vault,
} from '@medguard/client'
import { checkSignature } from '@medguard/client/node'
import { NS_PER_DAY } from '@medguard/protocol'
import type { Clinic, Person } from './clinic.ts'

/** Somebody with whom readings are shared, and who signs what they say about them. */
export interface Reader {
  readonly principal: string
  readonly client: MedGuardClient
  readonly vault: Extract<Vault, { of: 'grant' }>
}

export async function done<T>(answer: Promise<Outcome<T>>): Promise<T> {
  const settled = await answer
  if (settled.kind !== 'done') throw new Error(JSON.stringify(settled.refusal))
  return settled.value
}

export async function sharedReader(
  clinic: Clinic,
  patient: Pick<Person, 'client'>,
  name: string,
  rights: Right[] = ['list', 'open', 'write'],
  scope: Parameters<MedGuardClient['share']>[0]['scope'] = { categories: ['vitals'] },
): Promise<Reader> {
  const person = clinic.person(name)
  await person.client.enrol()
  const startNs = await clinic.nowNs()
  const terms = { scope, rights, purpose: 'TREAT' as const, grantee: person.principal.toText() }
  const { grantId } = await done(patient.client.share({ ...terms, startNs, endNs: startNs + NS_PER_DAY }))
  const author = await authorSignerOf(await newAuthorKeys(false))
  const client = createClient({
    identity: person.identity,
    network: { ...developmentNetwork(clinic.localnet.url), checkSignature },
    authors: { read: async () => author, make: async () => author, remove: async () => {} },
  })
  await done(client.addAuthorKey())
  return { principal: person.principal.toText(), client, vault: { of: 'grant', grantId } }
}

/** A limit on the pulse. */
export const limit = (above: number): AlertWords => ({
  kind: 'threshold',
  code: '8867-4',
  unit: '/min',
  below: null,
  above,
  holdMinutes: 0,
  replaces: null,
})

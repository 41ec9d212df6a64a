import { CATEGORIES, type MedGuardClient, NS_PER_DAY, Principal, PURPOSES, RIGHT } from '@medguard/client'
import { badInput, Refuse } from '../faults.ts'
import { isObject, type JsonObject } from '../json.ts'
import { valueOf } from '../patients/outcomes.ts'
import type { Vaults } from '../patients/vaults.ts'

type Asks = Pick<MedGuardClient, 'requestAccess' | 'requests'>

const FIELDS = ['patient', 'purpose', 'kinds', 'rights', 'days', 'answerWithinDays', 'organisation']
const ANSWER_DAYS_MAX = 30
const DAYS_MAX = 3_650

/** Asks a patient, by the share code that they gave. What they answer, and when, is theirs. */
export async function askForAccess(
  client: Asks,
  body: unknown,
  nowMs: number,
): Promise<{ id: string; state: 'pending' }> {
  if (!isObject(body)) throw badInput('an object with patient, purpose, kinds, rights and days')
  const unknown = Object.keys(body).find((name) => !FIELDS.includes(name))
  if (unknown !== undefined) throw badInput(`does not know ${unknown.slice(0, 60)}; it knows ${FIELDS.join(', ')}`)
  const { organisation } = body
  if (organisation !== undefined && (typeof organisation !== 'string' || !/^[0-9a-f]{32}$/.test(organisation)))
    throw badInput('organisation: its id, 32 hexadecimal digits')
  const { askId } = valueOf(
    await client.requestAccess({
      patient: shareCode(body['patient']),
      purpose: oneOf('purpose', body['purpose'], PURPOSES),
      categories: someOf('kinds', body['kinds'], CATEGORIES),
      rights: someOf('rights', body['rights'], Object.keys(RIGHT) as (keyof typeof RIGHT)[]),
      periodNs: BigInt(days('days', body['days'], DAYS_MAX)) * NS_PER_DAY,
      expiresNs:
        BigInt(nowMs) * 1_000_000n +
        BigInt(days('answerWithinDays', body['answerWithinDays'] ?? 7, ANSWER_DAYS_MAX)) * NS_PER_DAY,
      ...(organisation === undefined ? {} : { forOrganisation: organisation }),
    }),
  )
  return { id: askId, state: 'pending' }
}

/** What became of it, and who it is about once they gave something. */
export async function stateOfRequest(client: Asks, vaults: Vaults, id: string): Promise<JsonObject> {
  const found = valueOf(await client.requests('sent')).find(({ askId }) => askId === id)
  if (found === undefined) throw new Refuse(404, 'not-found', 'this gateway never asked that')
  const { state, categories, rights, purpose, askedNs, expiresNs, grantId } = found
  const share = grantId === null ? undefined : (await vaults.grants()).find((each) => each.grantId === grantId)
  return {
    id,
    state,
    kinds: categories,
    rights,
    purpose,
    asked: dateOf(askedNs),
    expires: dateOf(expiresNs),
    ...(share === undefined
      ? {}
      : {
          patient: `Patient/${share.patientId}`,
          given: { kinds: [...share.scope], rights: share.rights, until: dateOf(share.endNs) },
        }),
  }
}
const dateOf = (ns: bigint): string => new Date(Number(ns / 1_000_000n)).toISOString()

function shareCode(value: unknown): string {
  try {
    return Principal.fromText(String(value)).toText()
  } catch {
    throw badInput('patient: the share code that the patient gave')
  }
}
function oneOf<T extends string>(field: string, value: unknown, known: readonly T[]): T {
  const found = known.find((each) => each === value)
  if (found === undefined) throw badInput(`${field}: one of ${known.join(', ')}`)
  return found
}
function someOf<T extends string>(field: string, value: unknown, known: readonly T[]): T[] {
  if (!Array.isArray(value) || value.length === 0) throw badInput(`${field}: a list of ${known.join(', ')}`)
  return [...new Set(value.map((each) => oneOf(field, each, known)))]
}
function days(field: string, value: unknown, max: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > max)
    throw badInput(`${field}: a whole number from 1 to ${max}`)
  return value
}

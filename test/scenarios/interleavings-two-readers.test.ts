import { NS_PER_DAY, type Principal, REQUEST_MEMORY_NS, toHex } from '@medguard/protocol'
import { beforeAll, describe, expect, test } from 'vitest'

import { anyKeys } from '../simulation/any-keys.fixture.ts'
import { freshId, kindOf } from './clinic.ts'
import { inEveryOrder } from './every-order.fixture.ts'
import { placeOf, type Reach, seal, type SealedRecord, store } from './sealed-record.ts'
import { openStepped, somebody, type Stepped } from './stepped.ts'
import { trailOf } from './trail.ts'
import { categoryOf, enrol, give, grantArg } from './ward.ts'

// F15 (I2, I8, I26): two people open the same record while the share of one of them ends, in every order of the messages.

let net: Stepped
let people = 0
const leaving = somebody('leaving')
const staying = somebody('staying')
beforeAll(async () => {
  net = await openStepped()
  await enrol(net, leaving)
  await enrol(net, staying)
})

/** A vault with a record. */
interface Vault {
  readonly patient: Principal
  readonly owned: Reach
  readonly record: SealedRecord
  /** The grant of who stays. */
  readonly stays: Uint8Array
}
async function newVault(): Promise<Vault> {
  // Nobody asks too often, however many orders there are.
  net.setTime(net.nowNs() + REQUEST_MEMORY_NS)
  net.settle()
  const patient = somebody(`patient ${people++}`)
  const account = await enrol(net, patient)
  const owned: Reach = { patientId: account.patientId, compartment: categoryOf(account, 'labs'), grantId: null }
  const record = await seal(await anyKeys(owned, 1), owned, { chunkLog2: 16 })
  await store(net, patient, record)
  return { patient, owned, record, stays: await grantTo({ patient, owned }, staying) }
}
const grantTo = ({ patient, owned }: Pick<Vault, 'patient' | 'owned'>, to: Principal) => {
  const startNs = net.nowNs()
  const terms = { startNs, endNs: startNs + NS_PER_DAY }
  return give(net, patient, grantArg({ to, compartments: [owned.compartment], ...terms }))
}
const openAs = ({ owned, record }: Vault, who: Principal, grantId: Uint8Array) =>
  net.start(who, 'records', 'open', {
    ...placeOf({ ...owned, grantId }),
    records: [{ recordId: record.recordId, version: 1 }],
    requestId: freshId(),
  })
/** The message of each opening in which that canister has its last word. */
const LAST_WORD = { consent: 'authoriseOpen#reply of append', records: 'open#reply of authoriseOpen' } as const
/** Its log is read once, when so many orders were run in it. */
const ORDERS_PER_VAULT = 10

describe('two openings and a revoke at once', () => {
  test.each(['consent', 'records'] as const)(
    'in %s end the one or let it through, and leave the other alone, in every order',
    async (where) => {
      let vault = await newVault()
      let begun = 0
      /** In this vault: the share that ended, and whether who left was let in before. */
      let outcomes: { readonly ends: Uint8Array; readonly isLet: boolean }[] = []
      const seen = new Set<boolean>()
      const orders = await inEveryOrder(
        net,
        async () => {
          if (begun > 0 && begun % ORDERS_PER_VAULT === 0) {
            await expectInLog(vault, outcomes, ORDERS_PER_VAULT)
            outcomes = []
            vault = await newVault()
          }
          begun++
          const ends = await grantTo(vault, leaving)
          net.settle()
          const leaves = openAs(vault, leaving, ends)
          const reads = openAs(vault, staying, vault.stays)
          const revoked = net.start(vault.patient, where, 'revoke', { grantId: ends, requestId: freshId() })
          return { ends, leaves, reads, revoked }
        },
        async ({ ends, leaves, reads, revoked }, ran) => {
          const ended = revoked.answer()
          if (!('Ok' in ended)) throw new Error(`revoke: ${kindOf(ended)}`)
          expect(kindOf(reads.answer())).toBe('Ok')
          const answer = leaves.answer()
          const isLet = 'Ok' in answer
          if (!isLet) expect(answer).toEqual({ Err: { ConsentEnded: { endNs: ended.Ok.endNs } } })
          // Whose last word is whose is not told here: before the first one nobody was let in, and behind both nobody is kept out.
          const words = ran.slice(0, ran.indexOf('revoke')).filter((entry) => entry === LAST_WORD[where]).length
          if (words !== 1) expect(isLet).toBe(words === 2)
          // I26: at rest nothing is under way.
          expect(net.deliverable().filter(({ entry }) => !entry.includes('timer'))).toEqual([])
          outcomes.push({ ends, isLet })
          seen.add(isLet)
        },
        { alikeOnce: true },
      )
      await expectInLog(vault, outcomes, ((begun - 1) % ORDERS_PER_VAULT) + 1)
      expect(seen).toEqual(new Set([true, false]))
      expect(orders).toBeGreaterThan(100)
    },
  )
})

/** I8: whoever was let in has a line, and who was not has none, or one and another that takes it back. */
async function expectInLog(
  { patient, owned, stays }: Vault,
  outcomes: readonly { readonly ends: Uint8Array; readonly isLet: boolean }[],
  begun: number,
): Promise<void> {
  const lines = await trailOf(net, patient, owned.patientId)
  const numberOf = (grantId: Uint8Array, event: string) =>
    lines.filter((line) => line.event === event && line.grantId === toHex(grantId)).length
  expect([numberOf(stays, 'open'), numberOf(stays, 'keyWithheld')]).toEqual([begun, 0])
  for (const { ends, isLet } of outcomes) {
    const opened = numberOf(ends, 'open')
    expect(opened - numberOf(ends, 'keyWithheld')).toBe(isLet ? 1 : 0)
    expect(opened + numberOf(ends, 'refused')).toBe(1)
  }
}

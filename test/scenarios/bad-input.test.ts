import { decodeRet, encodeArg, IDL, NS_PER_MINUTE, PLAIN_TERMS } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AccessTable, accessTable, casesOf, ownArg } from './access-table.ts'
import { bombsFor, oversized } from './candid-bombs.ts'
import { ALL_METHODS, type CanisterName, type Clinic, kindOf, methodOf, openClinic, type Sender } from './clinic.ts'
import { malformed } from './malformed.ts'
import { categoryOf, grantArg, openWard, type Ward } from './ward.ts'

// Whatever bytes arrive: a typed answer, little work, and everything as it was.

let clinic: Clinic
let ward: Ward
let table: AccessTable
beforeAll(async () => {
  clinic = await openClinic()
  ward = await openWard(clinic)
  table = accessTable(ward)
})
afterAll(() => clinic.close())

/** What a refusal before decoding may take, beside what the network charges for copying the message in. */
const GUARD_INSTRUCTIONS_MAX = 500_000n
const INSTRUCTIONS_PER_BYTE_MAX = 3n
/** Counting who enrols how often comes before looking at what they send. */
const BUDGET_INSTRUCTIONS_MAX = 400_000n
const guardMax = (name: string, sizeBytes: number): bigint =>
  GUARD_INSTRUCTIONS_MAX +
  INSTRUCTIONS_PER_BYTE_MAX * BigInt(sizeBytes) +
  (name === 'enrol' ? BUDGET_INSTRUCTIONS_MAX : 0n)
/** What any caller without an account may make a canister spend in one message (I34). */
const STRANGER_INSTRUCTIONS_MAX = 5_000_000n

describe.each(ALL_METHODS)('%s.%s', (canister, name) => {
  const method = methodOf(canister, name)

  test('refuses malformed Candid from whoever may call it, and spends little on it', async () => {
    const wrong: string[] = []
    for (const bomb of bombsFor(method, await ownArg(table, canister, name))) {
      const { answer, instructions } = await measured(entitled(name), canister, name, bomb.bytes)
      const said = answer.kind === 'reject' ? answer.reject.message : `reply of ${answer.bytes.length} bytes`
      if (!said.includes('BadArgs')) wrong.push(`${bomb.name}: ${said}`)
      if (instructions > guardMax(name, bomb.bytes.length)) wrong.push(`${bomb.name}: ${instructions}`)
    }
    expect(wrong).toEqual([])
  })

  test('lets no stranger make it spend much, whatever they send', async () => {
    const wrong: string[] = []
    for (const bomb of bombsFor(method, await ownArg(table, canister, name))) {
      const { answer, instructions } = await measured(stranger(), canister, name, bomb.bytes)
      const said = answer.kind === 'reject' ? answer.reject.message : kindOf(decodeRet(method, answer.bytes))
      if (!/BadArgs|NotPermitted/.test(said)) wrong.push(`${bomb.name}: ${said}`)
      if (instructions > STRANGER_INSTRUCTIONS_MAX) wrong.push(`${bomb.name}: ${instructions}`)
    }
    expect(wrong).toEqual([])
  })

  test('says nothing about its insides when it refuses', async () => {
    const answer = await clinic.send(entitled(name), canister, name, new Uint8Array())
    expect(answer.kind).toBe('reject')
    if (answer.kind === 'reject') expect(answer.reject.message).not.toMatch(/\bat \w|\.js|\.ts|Error:|\//)
  })

  test('refuses one byte too many without looking at it', async () => {
    const { answer, instructions } = await measured('canister', canister, name, oversized(method))
    expect(answer.kind).toBe('reply')
    if (answer.kind === 'reply')
      expect(decodeRet(method, answer.bytes)).toEqual({ Err: { TooLarge: { maxBytes: method.argBytesMax } } })
    expect(instructions).toBeLessThan(guardMax(name, method.argBytesMax))
  })

  test('answers every wrong length, count and range with a refusal and no trap', async () => {
    const good = await ownArg(table, canister, name)
    const wrong: string[] = []
    for (const { what, arg, mustRefuse } of malformed(method.arg.idl, good)) {
      const bytes = encodeArg(method, arg)
      if (bytes.length > method.argBytesMax) continue
      const answer = await clinic.send(entitled(name), canister, name, bytes)
      const outcome = answer.kind === 'reply' ? kindOf(decodeRet(method, answer.bytes)) : answer.reject.message
      const isTyped = answer.kind === 'reply' && (outcome !== 'Ok' || !mustRefuse)
      if (!isTyped) wrong.push(`${what}: ${outcome}`)
    }
    expect(wrong).toEqual([])
  })
})

// Unknown and mistyped optional fields are dropped by Candid (I5).
describe('a grantee whose argument loses what it says of the grant, and claims more', () => {
  const byGrant = ALL_METHODS.filter(([canister, name]) => grantField(methodOf(canister, name).arg.idl) !== undefined)

  test.each(byGrant)('gets no more access by it: %s.%s', async (canister, name) => {
    const method = methodOf(canister, name)
    const outcomes: string[] = []
    // Without a grant and without a vault it is about the caller's own.
    const vault = name === 'noteExport' ? { patientId: [ward.account.patientId] } : {}
    for (const { tries } of casesOf(table, canister, name))
      for (const { exists } of await tries('live'))
        for (const [type, changes] of lessThan(method.arg.idl as IDL.RecordClass)) {
          const bytes = IDL.encode([type], [{ ...(exists as object), ...vault, ...changes, isOwner: true, rights: 15 }])
          const answer = await clinic.send(ward.senderOf('live'), canister, name, new Uint8Array(bytes))
          outcomes.push(answer.kind === 'reply' ? kindOf(decodeRet(method, answer.bytes)) : answer.reject.message)
        }
    expect(outcomes.length).toBeGreaterThanOrEqual(2)
    expect(outcomes.filter((outcome) => !/^NotPermitted$|BadArgs/.test(outcome))).toEqual([])
  })

  test('is asked of every way to a key, a list, a record and a wrap', () => {
    const names = byGrant.map(([, name]) => name)
    expect(names).toEqual(expect.arrayContaining(['deriveKey', 'beginList', 'headers', 'open', 'chunk', 'readWraps']))
  })

  /** The grant left out, or of a type that Candid drops; both with fields beside it that no method has. */
  function lessThan(type: IDL.RecordClass): (readonly [IDL.Type, object])[] {
    const fields = Object.fromEntries(type._fields)
    const more = { isOwner: IDL.Bool, rights: IDL.Nat8 }
    const { grantId: _, ...without } = fields
    return [
      [IDL.Record({ ...without, ...more }), {}],
      [IDL.Record({ ...fields, ...more, grantId: IDL.Opt(IDL.Text) }), { grantId: ['x'] }],
    ]
  }
})

describe('an owner whose share loses its terms on the way', () => {
  test.each(['consent', 'records'] as const)('shares nothing sensitive by it in %s', async (canister) => {
    const method = methodOf(canister, 'grant')
    const startNs = await clinic.nowNs()
    const compartments = [categoryOf(ward.account, 'sensitive')]
    const to = clinic.person('somebody').principal
    const terms = { ...PLAIN_TERMS, namesSensitive: true, excluded: [] }
    const arg = grantArg({ to, compartments, startNs, endNs: startNs + NS_PER_MINUTE, terms: [terms] })
    const fields = Object.fromEntries((method.arg.idl as IDL.RecordClass)._fields)
    const bytes = IDL.encode([IDL.Record({ ...fields, terms: IDL.Opt(IDL.Text) })], [{ ...arg, terms: ['x'] }])
    const answer = await clinic.send(ward.senderOf('owner'), canister, 'grant', new Uint8Array(bytes))
    const said = answer.kind === 'reply' ? kindOf(decodeRet(method, answer.bytes)) : answer.reject.message
    expect(said).toMatch(/^BadInput$|BadArgs/)
  })
})

describe('after all of that', () => {
  test('the owner still finds what is theirs, and the log still verifies', async () => {
    const { client } = clinic.person('patient')
    const listed = await client.list({ of: 'me' }, ['labs'])
    expect(listed.kind).toBe('done')
    if (listed.kind === 'done') expect(listed.value.map(({ title }) => title)).toContain('Blood count')
    const log = await client.log('patient')
    expect(log).toMatchObject({ kind: 'done', value: { verification: { kind: 'verified' } } })
  })

  test('nobody had anything opened who may not', async () => {
    const log = await clinic.person('patient').client.log('patient')
    if (log.kind !== 'done') throw new Error(`the log was refused: ${log.refusal.kind}`)
    const allowed = ['owner', 'live', 'expired', 'revoked'] as const
    const readers = new Set(allowed.map((caller) => ward.senderOf(caller)).map(textOf))
    const opened = log.value.items.filter(({ event }) => ['keyDerive', 'listSession', 'open'].includes(event))
    expect(opened.filter(({ actor }) => !readers.has(actor))).toEqual([])
  })
})

/** Of methods by which one reads or writes under a grant. */
const grantField = (type: IDL.Type): IDL.Type | undefined =>
  type instanceof IDL.RecordClass
    ? type._fields.find(([name, field]) => name === 'grantId' && field instanceof IDL.OptClass)?.[1]
    : undefined
const textOf = (sender: Sender): string => (sender === 'canister' ? sender : sender.toText())
/** Somebody whom nothing but the bytes stands against. The network vouches for senders; here the test does. */
function entitled(name: string): Sender {
  if (name === 'configure') return clinic.controller
  if (name === 'append' || name === 'noteReaders') return clinic.ids.consent
  if (name.startsWith('authorise') || name === 'logShardOf') return clinic.ids.records
  return ward.senderOf('owner')
}
const stranger = () => ward.senderOf('stranger')

async function measured(sender: Sender, canister: CanisterName, name: string, bytes: Uint8Array) {
  const { value: answer, parts } = await clinic.metered(() => clinic.send(sender, canister, name, bytes))
  const id = clinic.ids[canister].toText()
  const own = parts.filter(({ canisterId, entry }) => canisterId === id && entry === name)
  return { answer, instructions: own.reduce((sum, part) => sum + part.instructions, 0n) }
}

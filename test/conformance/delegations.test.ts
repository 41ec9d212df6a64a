// Chains of delegations: interface specification, "Authentication"; cases after the group "Delegation targets" of the reference
// implementation's acceptance tests (dfinity/ic-hs, src/IC/Test/Spec.hs) and the rules of the replica's request validator.
import { program, reply, sayCaller, universalWasm } from '@medguard/localnet/universal-canister'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ed25519, p256, secp256k1, type Signer, webAuthn } from './keys.fixture.ts'
import { encodeArgument } from './management.fixture.ts'
import { openReplica, refusalOf, type Replica, replyOf } from './replica.fixture.ts'
import {
  delegate,
  type Fields,
  hashOfMap,
  type Identity,
  identityOf,
  MANAGEMENT,
  nowNs,
  SECOND_NS,
  selfAuthenticating,
} from './request.fixture.ts'

let ic: Replica
let canister: Uint8Array
let other: Uint8Array
beforeAll(async () => {
  ic = await openReplica()
  canister = await ic.deploy(universalWasm())
  other = await ic.deploy(universalWasm())
})
afterAll(() => ic.close())

const whoAmI = program(sayCaller, reply)
const later = (): Fields => ({ expiration: nowNs() + 3600n * SECOND_NS })

/** Delegates from each key to the next; the last one signs. `fields` are those of each delegation. */
function chainOf(keys: readonly Signer[], fields: readonly Fields[]): Identity {
  const [root = ed25519()] = keys
  const chain = keys.slice(1).map((key, index) => delegate(keys[index] ?? root, key, { ...later(), ...fields[index] }))
  return identityOf(keys.at(-1) ?? root, { root, chain })
}
const keysOf = (count: number): Signer[] => Array.from({ length: count }, ed25519)

const answersFor = async (as: Identity) => [
  await ic.update(canister, whoAmI, { as }),
  await ic.query(canister, whoAmI, { as }),
]

describe('a chain', () => {
  test('of every kind of key makes the first one the sender', async () => {
    const keys = [ed25519(), p256(), webAuthn('ES256'), secp256k1(), webAuthn('RS256'), ed25519()]
    const sender = selfAuthenticating(keys[0]?.publicKeyDer ?? new Uint8Array(0))
    for (const answer of await answersFor(chainOf(keys, []))) expect(replyOf(answer)).toEqual(sender)
  })

  test('of no delegations is an ordinary signature', async () => {
    const signer = ed25519()
    const as = identityOf(signer, { chain: [] })
    for (const answer of await answersFor(as)) expect(replyOf(answer)).toEqual(as.principal)
  })

  test('of 20 is taken, of 21 is not', async () => {
    for (const answer of await answersFor(chainOf(keysOf(21), []))) expect(answer.kind).toBe('reply')
    for (const answer of await answersFor(chainOf(keysOf(22), []))) expect(refusalOf(answer)).toMatch(/^400 /)
  })

  test.each<[string, (keys: readonly [Signer, Signer, Signer]) => Identity]>([
    ['that misses its first link', ([a, b, c]) => identityOf(c, { root: a, chain: [delegate(b, c, later())] })],
    ['that misses its last link', ([a, b, c]) => identityOf(c, { root: a, chain: [delegate(a, b, later())] })],
    [
      'in the wrong order',
      ([a, b, c]) => identityOf(c, { root: a, chain: [delegate(b, c, later()), delegate(a, b, later())] }),
    ],
    ['that delegates to itself', ([a]) => identityOf(a, { chain: [delegate(a, a, later())] })],
    [
      'that comes back to its beginning',
      ([a, b]) => identityOf(a, { chain: [delegate(a, b, later()), delegate(b, a, later())] }),
    ],
    [
      'with a key twice',
      ([a, b, c]) =>
        identityOf(b, { root: a, chain: [delegate(a, b, later()), delegate(b, c, later()), delegate(c, b, later())] }),
    ],
    [
      'with a link signed by somebody else',
      ([a, b, c]) =>
        identityOf(b, { root: a, chain: [{ ...delegate(a, b, later()), signature: c.sign(new Uint8Array(32)) }] }),
    ],
    [
      'with a link changed after it was signed',
      ([a, b]) => {
        const signed = delegate(a, b, { ...later(), targets: [new Uint8Array(10)] })
        return identityOf(b, {
          root: a,
          chain: [{ ...signed, delegation: { pubkey: b.publicKeyDer, ...later() } }],
        })
      },
    ],
  ])('%s is refused', async (_what, make) => {
    for (const answer of await answersFor(make([ed25519(), ed25519(), ed25519()]))) {
      expect(refusalOf(answer)).toMatch(/^400 Invalid (delegation|signature)/)
    }
  })

  test.each<[string, Fields]>([
    ['an expiry that is past', { expiration: nowNs() - SECOND_NS }],
    ['no expiry', { expiration: undefined }],
    ['permissions that do not exist', { permissions: 'calls' }],
    ['more than 1000 targets', { targets: Array.from({ length: 1001 }, () => new Uint8Array(10)) }],
    ['a target that is no principal', { targets: [new Uint8Array(30)] }],
  ])('with %s is refused', async (_what, fields) => {
    for (const at of [0, 1]) {
      const each: Fields[] = [{}, {}]
      each[at] = fields
      const as = chainOf(keysOf(3), each)
      for (const answer of await answersFor(as)) expect(refusalOf(answer)).toMatch(/^400 /)
      expect(refusalOf(await ic.readState([['time']], { as }))).toMatch(/^400 /)
    }
  })
})

describe('targets', () => {
  /** Targets of each delegation in turn, and whether a call of `canister` goes through. */
  const cases = (): readonly (readonly [string, readonly (readonly Uint8Array[] | undefined)[], boolean])[] => [
    ['this canister', [[canister]], true],
    ['this canister and another', [[other, canister]], true],
    ['a thousand with this canister', [[...Array.from({ length: 999 }, () => other), canister]], true],
    ['another canister', [[other]], false],
    ['nobody', [[]], false],
    ['the management canister', [[MANAGEMENT]], false],
    ['this canister twice in a row', [[canister], [canister]], true],
    ['this one in the first only, all in the second', [[canister], undefined], true],
    ['all in the first, this one in the second', [undefined, [canister]], true],
    ['two lists with this canister in common', [[canister, other], [canister]], true],
    ['two lists with nothing in common', [[canister], [other]], false],
    ['this canister in the second only', [[other], [canister, other]], false],
  ]

  test('of all delegations must name the canister that is called', async () => {
    for (const [what, lists, allowed] of cases()) {
      const as = chainOf(
        keysOf(lists.length + 1),
        lists.map((targets) => ({ targets })),
      )
      const kinds = (await answersFor(as)).map(({ kind }) => kind)
      expect([what, ...kinds]).toEqual([what, ...Array.from(kinds, () => (allowed ? 'reply' : 'refused'))])
    }
  })

  test('a call of the management canister needs the management canister among them', async () => {
    const status = { canister_id: canister }
    const of = (targets: readonly Uint8Array[]) => chainOf(keysOf(2), [{ targets }])
    const asked = (as: Identity) => ic.manage('canister_status', status, { as })
    expect((await asked(of([MANAGEMENT]))).kind).toBe('reject') // not a controller, but let in
    expect(refusalOf(await asked(of([canister])))).toMatch(/^400 /)
    const created = encodeArgument('provisional_create_canister_with_cycles', {})
    const options = { method: 'provisional_create_canister_with_cycles', at: canister }
    expect((await ic.update(MANAGEMENT, created, { ...options, as: of([MANAGEMENT]) })).kind).toBe('reply')
    expect((await ic.update(MANAGEMENT, created, { ...options, as: of([canister]) })).kind).toBe('refused')
  })

  test('the status of a request is for chains whose targets name its receiver', async () => {
    const [root, session] = [ed25519(), ed25519()]
    const as = identityOf(root)
    const content = ic.callContent(canister, whoAmI, { as })
    expect((await ic.submit(content, { as })).kind).toBe('reply')
    const paths = [['request_status', hashOfMap(content)]]
    const reader = (targets: readonly Uint8Array[]) =>
      identityOf(session, { root, chain: [delegate(root, session, { ...later(), targets })] })
    expect(await ic.readState(paths, { as: reader([canister]), at: canister })).toHaveProperty('tree')
    expect(refusalOf(await ic.readState(paths, { as: reader([other]), at: canister }))).toMatch(/^40[03] /)
  })
})

describe('permissions', () => {
  test.each<[string, readonly Fields[]]>([
    ['in the only delegation', [{ permissions: 'queries' }]],
    ['in the first', [{ permissions: 'queries' }, {}]],
    ['in the first, lifted by the second', [{ permissions: 'queries' }, { permissions: 'all' }]],
    ['in the last', [{}, { permissions: 'queries' }]],
  ])('for queries alone %s allow queries and reads of the state, and no call', async (_where, fields) => {
    const as = chainOf(keysOf(fields.length + 1), fields)
    expect((await ic.query(canister, whoAmI, { as })).kind).toBe('reply')
    expect(await ic.readState([['time']], { as })).toHaveProperty('tree')
    for (const version of [2, 3, 4] as const) {
      expect(refusalOf(await ic.update(canister, whoAmI, { as, version }))).toMatch(/^400 /)
      expect(refusalOf(await ic.update(canister, whoAmI, { as, version, method: 'ask' }))).toMatch(/^400 /)
    }
  })

  test('for all are as none', async () => {
    const as = chainOf(keysOf(2), [{ permissions: 'all' }])
    for (const answer of await answersFor(as)) expect(answer.kind).toBe('reply')
  })
})

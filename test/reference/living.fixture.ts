import { wrapRecord } from '@medguard/crypto'
import {
  type Account,
  type AudienceMember,
  type Category,
  compareBytes,
  compareCompartments,
  COMPARTMENT_KIND,
  type CompartmentRef,
  type CouncilAct,
  dependantPrincipal,
  encodeAct,
  NS_PER_DAY,
  NS_PER_HOUR,
  orgPrincipal,
  PLAIN_TERMS,
  POWER,
  Principal,
  purposeCode,
  PURPOSES,
  type RefusalKind,
  RIGHT,
  ROLE,
  type RulesChange,
} from '@medguard/protocol'
import { type Arg, freshId, kindOf } from '../scenarios/clinic.ts'
import { deriveArg, keysFor, placeOf, type Reach, seal, type SealedRecord, store } from '../scenarios/sealed-record.ts'
import { openStepped, somebody, type Stepped } from '../scenarios/stepped.ts'
import { utf8 } from '../scenarios/trust-table.ts'
import { enrolChild } from '../scenarios/people.fixture.ts'
import { categoryOf, enrol, grantArg } from '../scenarios/ward.ts'
import type { Grant, Question, World } from './evaluator.ts'
import {
  type Canister,
  CANISTERS,
  DEPENDANT,
  LAST,
  type LivedWorld,
  ORGS,
  PARENT,
  PEOPLE,
  toldTo,
} from './lived-worlds.fixture.ts'

// A random world as people bring it about in three installed canisters, tick by tick, and what these say to whoever asks.

const TICK_NS = NS_PER_HOUR
const FAR_NS = 300n * NS_PER_DAY
const CATEGORY_OF: Readonly<Record<string, Category>> = {
  c1: 'labs',
  c2: 'sensitive',
  d1: 'labs',
  d2: 'sensitive',
  e1: 'labs',
  e2: 'sensitive',
}

export interface Ground {
  readonly net: Stepped
  readonly council: Principal | null
}
export async function openGround(hasCouncil: boolean): Promise<Ground> {
  const council = hasCouncil ? somebody('council') : null
  return { net: await openStepped(council === null ? {} : { council: [council] }), council }
}

type Way = Omit<Question, 'right'>
export interface Lived {
  /** Goes on to a tick and does what is to be done then. */
  goTo(tick: number): Promise<void>
  /** One way to ask: what it is, whom it asks, and the rights of which one is needed. */
  readonly askings: readonly Asking[]
  /** Whether somebody may do in a patient's place what needs a power, by each canister's word. */
  acts(who: string, patient: string, power: 'share' | 'manage'): Promise<Readonly<Record<Canister, boolean>>>
  /** Who can open a place, as its patient is told: `who grant rights`, sorted. */
  audience(patient: string, compartment: string): Promise<string[]>
}
export interface Asking {
  readonly method: string
  readonly asks: readonly Canister[]
  readonly anyOf: readonly string[]
  /** Whether it can be asked of such a place at that tick. */
  readonly suits: (place: Pick<Way, 'compartment' | 'grant'>, tick: number) => boolean
  readonly ask: (way: Way) => Promise<boolean>
}

let worlds = 0

export async function live({ net, council }: Ground, lived: LivedWorld): Promise<Lived> {
  const { world } = lived
  const name = `world ${worlds++}`
  const beginNs = net.nowNs()
  const atNs = (tick: number) => (tick > LAST ? beginNs + FAR_NS : beginNs + BigInt(tick) * TICK_NS)
  const orgIds = new Map(ORGS.map((org) => [org as string, freshId()]))
  const orgIdOf = (org: string) => got(orgIds, org)
  const principalOf = (who: string): Principal =>
    orgIds.has(who) ? Principal.fromUint8Array(orgPrincipal(orgIdOf(who))) : somebody(`${name} ${who}`)
  const nameOf = new Map(PEOPLE.map((who) => [principalOf(who).toText(), who]))
  const chief = principalOf('chief')
  const grantIds = new Map(world.grants.map((grant) => [grant.name, freshId()]))
  const grantNames = new Map([...grantIds].map(([grant, id]) => [text(id), grant]))
  const patientOf = (patient: string) => {
    const found = world.patients.find((each) => each.name === patient)
    if (found === undefined) throw new Error(`there is a patient ${patient}`)
    return found
  }

  const accounts = new Map<string, Account>()
  for (const who of world.enrolled) accounts.set(who, await enrol(net, principalOf(who)))
  const dependant = await enrolChild(net, principalOf(PARENT))
  const accountOf = (patient: string) => (patient === DEPENDANT ? dependant : got(accounts, patientOf(patient).owner))
  const patientIdOf = (patient: string) => accountOf(patient).patientId
  /** Who says everything about a vault, and how they name it. */
  const speakerOf = (patient: string): string => (patient === DEPENDANT ? PARENT : patientOf(patient).owner)
  const namedAs = (patient: string): [] | [Uint8Array] => (patient === DEPENDANT ? [dependant.patientId] : [])
  const homeOf = (patient: string): Principal =>
    patient === DEPENDANT
      ? Principal.fromUint8Array(dependantPrincipal(dependant.accountId))
      : principalOf(patientOf(patient).owner)
  const placeNamed = (patient: string, compartment: string): CompartmentRef => {
    const shared = grantIds.get(compartment.replace('share ', ''))
    if (shared !== undefined) return { compartmentKind: COMPARTMENT_KIND.share, cid: shared }
    return categoryOf(accountOf(patient), CATEGORY_OF[compartment] ?? 'other')
  }
  const reachOf = ({ patient, compartment, grant }: Way): Reach => ({
    patientId: patientIdOf(patient),
    compartment: placeNamed(patient, compartment),
    grantId: grant === null ? null : got(grantIds, grant),
  })

  /** The same to whichever canister was told of it. */
  const tell = async <M extends BothHave>(who: string, canister: Canister, method: M, arg: Arg<'consent', M>) =>
    net.ok(principalOf(who), canister, method, arg as never)
  const decree = async (canister: Canister, act: CouncilAct) => {
    if (council === null) throw new Error('there is a council')
    const arg = { actId: freshId(), act: encodeAct(act, utf8), requestId: freshId() }
    await net.ok(council, canister, 'councilVote', arg)
  }
  const setMember = (canister: Canister, orgId: Uint8Array, who: string, roles: number, validUntilNs: bigint) => {
    const arg = { orgId, principal: principalOf(who), roles, validUntilNs, requestId: freshId() }
    return tell('chief', canister, 'setMember', arg)
  }
  const verify = (canister: Canister, org: string, untilNs: bigint) => {
    const registrant = chief.toUint8Array()
    return decree(canister, { kind: 'verify', orgId: orgIdOf(org), name: org, orgKind: 0, registrant, untilNs })
  }

  /** Whoever something is shared with for care works somewhere when that is done. */
  const vouchedFor = world.hasCouncil
    ? [...new Set(world.grants.map(({ to }) => to))].filter((who) => world.enrolled.includes(who) && who !== 'chief')
    : []
  const records = new Map<string, SealedRecord>()
  for (const { name: patient, categories } of world.patients)
    for (const compartment of categories) {
      const who = speakerOf(patient)
      const reach = reachOf({ who, patient, compartment, grant: null })
      const keys = await keysFor(net, principalOf(who), reach)
      records.set(compartment, await store(net, principalOf(who), await seal(keys, reach)))
    }
  for (const canister of CANISTERS) {
    const told = toldTo(canister, lived)
    for (const { name: org } of world.organisations) {
      const orgId = orgIdOf(org)
      await tell('chief', canister, 'registerOrganisation', { orgId, name: org, kind: 0, requestId: freshId() })
      if (world.hasCouncil) await verify(canister, org, atNs(LAST + 1))
    }
    const [clinic] = ORGS
    for (const who of vouchedFor) {
      await setMember(canister, orgIdOf(clinic), who, ROLE.physician | ROLE.system, atNs(LAST + 1))
      await tell(who, canister, 'acceptMembership', { orgId: orgIdOf(clinic), requestId: freshId() })
    }
    for (const grant of told.grants) {
      const { sensitive } = patientOf(grant.patient)
      const giver = principalOf(speakerOf(grant.patient))
      const terms = agreed(grant, { principalOf, placeNamed, atNs, grantId: got(grantIds, grant.name) })
      const arg = { ...terms, patientId: namedAs(grant.patient) }
      const isUnnamed = !grant.namesSensitive && grant.compartments.some((each) => sensitive.includes(each))
      const answer = kindOf(await net.call(giver, canister, 'grant', arg))
      const wanted = isUnnamed ? 'BadInput' : 'Ok'
      if (answer !== wanted) throw new Error(`${canister}: ${JSON.stringify(grant)} is ${answer}, not ${wanted}`)
    }
    for (const { owner, paused, blocked } of told.patients) {
      const change = (change: RulesChange) =>
        tell(owner, canister, 'changeRules', { patientId: [], change, requestId: freshId() })
      for (const each of blocked) await change({ block: principalOf(each) })
      if (paused) await change({ pause: null })
    }
    for (const member of told.members) {
      const { of, who, until, accepted } = member
      if (who === 'chief') continue // since they registered it
      const orgId = orgIdOf(of)
      const requestId = freshId()
      await setMember(canister, orgId, who, bitsOf(member.roles, ROLE), atNs(until))
      if (accepted && world.enrolled.includes(who)) await tell(who, canister, 'acceptMembership', { orgId, requestId })
      else await tell('chief', canister, 'suspendMember', { orgId, principal: principalOf(who), requestId })
    }
    for (const who of vouchedFor)
      if (!told.members.some((member) => member.who === who && member.of === clinic))
        await tell('chief', canister, 'removeMember', {
          orgId: orgIdOf(clinic),
          principal: principalOf(who),
          requestId: freshId(),
        })
    for (const { name: org, verifiedUntil, suspended } of told.organisations) {
      if (world.hasCouncil && verifiedUntil <= LAST) await verify(canister, org, atNs(verifiedUntil))
      if (suspended) await decree(canister, { kind: 'suspend', orgId: orgIdOf(org) })
    }
    for (const { of, who, powers, start, end } of told.carers) {
      if (!world.enrolled.includes(who) || (of === DEPENDANT && who === PARENT)) continue
      const endNs: [] | [bigint] = end === 0 ? [] : [atNs(end)]
      const terms = { powers: bitsOf(powers, POWER), startNs: atNs(start), endNs, patientId: namedAs(of) }
      const naming = { ...terms, representative: principalOf(who), requestId: freshId() }
      await tell(speakerOf(of), canister, 'appoint', naming)
      await tell(who, canister, 'acceptAppointment', { patient: homeOf(of), requestId: freshId() })
    }
  }
  for (const grant of toldTo('records', lived).grants) {
    const [compartment = ''] = grant.compartments
    if (!compartment.startsWith('share')) continue
    const { name: patient, categories } = patientOf(grant.patient)
    const who = speakerOf(patient)
    const keys = await keysFor(net, principalOf(who), reachOf({ who, patient, compartment, grant: null }))
    const shared = got(records, categories[0] ?? '')
    const { recordId, version, secret } = shared
    const place = { patientId: new Uint8Array(patientIdOf(patient)), recordId, version }
    const wraps = [{ recordId, version, ...(await wrapRecord(keys, place, secret)) }]
    const grantId = got(grantIds, grant.name)
    await net.ok(principalOf(who), 'records', 'putShareWraps', { grantId, wraps, capsule: [], requestId: freshId() })
    records.set(compartment, shared)
  }

  const isCategory: Asking['suits'] = ({ compartment }) => compartment in CATEGORY_OF
  /** A share that ended took what was in it along: to whoever may still look, nothing is there. */
  const hasRecord: Asking['suits'] = ({ compartment, grant }, tick) => {
    const share = toldTo('records', lived).grants.find(({ name }) => compartment === `share ${name}`)
    const isOver = share !== undefined && share.ended !== null && share.ended <= tick
    return records.has(compartment) && !(grant === null && isOver)
  }
  const anywhere = () => true
  const idOf = (compartment: string) => {
    const { recordId, version } = got(records, compartment)
    return { recordId, version }
  }
  const both = CANISTERS
  const readings = ['list', 'open']
  const askings: Asking[] = [
    {
      method: 'deriveKey',
      asks: ['consent'],
      anyOf: readings,
      suits: anywhere,
      ask: async (way) =>
        yes(await net.call(principalOf(way.who), 'consent', 'deriveKey', deriveArg(reachOf(way))), 'StaleEpoch'),
    },
    {
      method: 'depositInfo',
      asks: ['consent'],
      anyOf: ['write', 'rewrap'],
      suits: isCategory,
      ask: async (way) => yes(await net.call(principalOf(way.who), 'consent', 'depositInfo', placeOf(reachOf(way)))),
    },
    {
      method: 'chunk',
      asks: ['records'],
      anyOf: ['open'],
      suits: hasRecord,
      ask: async (way) => {
        const arg = { ...placeOf(reachOf(way)), ...idOf(way.compartment), index: 0 }
        return yes(net.query(principalOf(way.who), 'records', 'chunk', arg))
      },
    },
    {
      method: 'begin',
      asks: ['records'],
      anyOf: ['write'],
      suits: isCategory,
      // A third version where there is one: whoever may add hears that it is not its turn, and nothing is left of it.
      ask: async (way) => {
        const { begin } = got(records, way.compartment)
        const arg = { ...begin, ...placeOf(reachOf(way)), version: 3, requestId: freshId() }
        return yes(await net.call(principalOf(way.who), 'records', 'begin', arg), 'Stale')
      },
    },
    {
      method: 'rewrapState',
      asks: ['records'],
      anyOf: ['rewrap'],
      suits: isCategory,
      ask: async (way) => yes(await net.call(principalOf(way.who), 'records', 'rewrapState', placeOf(reachOf(way)))),
    },
    {
      method: 'beginList',
      asks: both,
      anyOf: ['list'],
      suits: anywhere,
      ask: async (way) => {
        const arg = { ...placeOf(reachOf(way)), requestId: freshId() }
        const may = yes(await net.call(principalOf(way.who), 'records', 'beginList', arg))
        const page = net.query(principalOf(way.who), 'records', 'headers', { ...arg, fromSeq: 0, count: 1 })
        if (may !== yes(page)) throw new Error(`${JSON.stringify(way)}: a window and no page, or a page and no window`)
        return may
      },
    },
    {
      method: 'open',
      asks: both,
      anyOf: ['open'],
      suits: hasRecord,
      ask: async (way) => {
        const arg = { ...placeOf(reachOf(way)), records: [idOf(way.compartment)], requestId: freshId() }
        return yes(await net.call(principalOf(way.who), 'records', 'open', arg))
      },
    },
  ]

  const ended = new Set<string>()
  return {
    askings,
    async goTo(tick) {
      net.setTime(atNs(tick))
      net.settle()
      for (const canister of CANISTERS)
        for (const { name: grant, patient, ended: endsAt } of toldTo(canister, lived).grants) {
          if (endsAt === null || endsAt > tick || ended.has(`${canister} ${grant}`)) continue
          ended.add(`${canister} ${grant}`)
          const arg = { grantId: got(grantIds, grant), requestId: freshId() }
          const answer = kindOf(await net.call(principalOf(speakerOf(patient)), canister, 'revoke', arg))
          // What never came to be cannot be ended.
          if (answer !== 'Ok' && answer !== 'NotPermitted') throw new Error(`revoke: ${answer}`)
        }
    },
    async acts(who, patient, power) {
      const arg = { patientId: [patientIdOf(patient)] as [Uint8Array] }
      const method = power === 'share' ? 'rules' : 'people'
      const ask = async (canister: Canister) => yes(await net.call(principalOf(who), canister, method, arg))
      return { consent: await ask('consent'), records: await ask('records') }
    },
    async audience(patient, compartment) {
      const caller = principalOf(speakerOf(patient))
      const place = { patientId: [patientIdOf(patient)] as [Uint8Array], ...placeNamed(patient, compartment) }
      const page = async (grantId: [] | [Uint8Array]) =>
        net.ok(caller, 'consent', 'audience', { ...place, grantId, from: 0, count: 50 })
      const first = await page([])
      const members: AudienceMember[] = [...first.members]
      for (const { grantId } of first.organisations) members.push(...(await page([grantId])).members)
      return members
        .map(({ principal, grantId: [grantId], rights }) => {
          const grant = grantId === undefined ? 'own' : got(grantNames, text(grantId))
          return `${got(nameOf, principal.toText())} ${grant} ${rights}`
        })
        .toSorted()
    },
  }
}

type BothHave =
  | 'registerOrganisation'
  | 'setMember'
  | 'acceptMembership'
  | 'suspendMember'
  | 'removeMember'
  | 'changeRules'
  | 'appoint'
  | 'acceptAppointment'

interface Names {
  readonly principalOf: (who: string) => Principal
  readonly placeNamed: (patient: string, compartment: string) => CompartmentRef
  readonly atNs: (tick: number) => bigint
  readonly grantId: Uint8Array
}
function agreed(grant: Grant, { principalOf, placeNamed, atNs, grantId }: Names) {
  const { to, patient, compartments, rights, purpose, start, end, namesSensitive } = grant
  const excluded = grant.excluded.map(principalOf)
  excluded.sort((a, b) => compareBytes(a.toUint8Array(), b.toUint8Array()))
  return {
    ...grantArg({
      to: principalOf(to),
      compartments: compartments.map((each) => placeNamed(patient, each)).toSorted(compareCompartments),
      startNs: atNs(start),
      endNs: atNs(end),
      rights: bitsOf(rights, RIGHT),
      purpose: purposeCode(PURPOSES.find((each) => each === purpose) ?? 'TREAT'),
      terms: [{ ...PLAIN_TERMS, roles: bitsOf(grant.roles, ROLE), excluded, namesSensitive }],
    }),
    grantId,
  }
}

const REFUSED: ReadonlySet<string> = new Set<RefusalKind>(['NotPermitted', 'ConsentEnded', 'Paused', 'Unverified'])

/** Whether they may: a refusal that says no more than that is a no, and any that is not expected is an error. */
function yes(answer: unknown, alsoYes?: RefusalKind): boolean {
  const kind = kindOf(answer)
  if (kind === 'Ok' || kind === alsoYes) return true
  if (REFUSED.has(kind)) return false
  throw new Error(`answered ${kind}`)
}

const bitsOf = (names: readonly string[], bits: Readonly<Record<string, number>>): number =>
  names.reduce((mask, name) => mask | (bits[name] ?? 0), 0)
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

function got<K, V>(map: ReadonlyMap<K, V>, key: K): V {
  const found = map.get(key)
  if (found === undefined) throw new Error(`there is no ${String(key)}`)
  return found
}
export const worldOf = (lived: LivedWorld, canister: Canister, tick: number): World => ({
  ...toldTo(canister, lived),
  now: tick,
})

import { decodeWrap, expectDecoded, newCapsule, newTransportKey, nextStep, wrapRecord } from '@medguard/crypto'
import { NS_PER_MINUTE, orgPrincipal, PLAIN_TERMS, Principal, purposeCode, RIGHT, toHex } from '@medguard/protocol'
import { freshId, kindOf } from '../scenarios/clinic.ts'
import { capsuleKey, deriveArg, placeOf, type Reach, seal, wholeOf } from '../scenarios/sealed-record.ts'
import { grantArg } from '../scenarios/ward.ts'
import { anyKeys } from './any-keys.fixture.ts'
import type { Act, Agreement, Ask } from './model.ts'
import { CHILD, CLINIC, HALVES, OWNER, personOf, PLACES, signIn, vaultOf } from './model-facts.ts'
import { type Asked, type Doings, placesOf, READERS, type Run, type Sent } from './model-steps.fixture.ts'

const STRANGER = signIn('stranger', 1)
const TRANSPORT = newTransportKey()
/** Of the category that a place is of, as patients see them. */
export const bitOf = (place: string): number => (place === 'vitals' ? 1 << 5 : 1 << 1)

interface As {
  readonly who: string
  readonly place: string
  readonly agreementId: string | null
}
export const actOf = (
  kind: Act['kind'],
  { who, place, agreementId }: As,
  requestId: Uint8Array,
  more: { readonly epoch?: number; readonly recordId?: string; readonly isUnderKey?: boolean } = {},
): Sent['act'] => ({
  kind,
  who,
  place,
  agreementId,
  requestId: toHex(requestId),
  epoch: more.epoch ?? 0,
  recordId: more.recordId ?? null,
  isUnderKey: more.isUnderKey ?? false,
})

/** Any of the sign-ins that a person has or had. */
export const anySignIn = ({ signIns }: Run, person: string, number: number): string =>
  signIn(person, 1 + (number % Math.max(1, signIns.get(person) ?? 1)))

export const whoseOf = (whose: number): string => (whose % 3 === 0 ? CHILD : OWNER)
/** Who speaks for a vault: its holder, or mostly for who cannot sign in, somebody who was named for it. */
export function anyActing(run: Run, vault: string, by: number): string {
  const carers = run.people.knownFor(vault)
  const carer = carers[by % Math.max(1, carers.length)]
  const isCarer = carer !== undefined && (run.signIns.get(vault) === 0 || by % 2 === 0)
  return anySignIn(run, isCarer ? carer : vault, by)
}
/** How its holder and others name a vault: for their own they may leave it out. */
export const namedFor = (run: Run, who: string, vault: string): [] | [Uint8Array] =>
  personOf(who) === vault ? [] : [run.patientIds.get(vault) ?? new Uint8Array(16)]

const agreementAt = ({ model }: Run, which: number): Agreement | undefined =>
  [...model.agreements.values()][which % Math.max(1, model.agreements.size)]

/** As whom somebody comes, mostly as they may: the patient, the reader of an agreement, another reader, a stranger; some as if they were the patient, or in the patient's place. */
export function comes(run: Run, { who, which, place }: Omit<Asked, 'isOld'>): As {
  const agreement = which % 8 === 0 ? undefined : agreementAt(run, which)
  const id = agreement?.id ?? null
  const there = agreement?.places ?? PLACES
  const at = (place % 4 === 0 ? PLACES[which % 3] : there[place % there.length]) ?? 'labs'
  const other = READERS[which % 2] ?? 'ann'
  const reader = agreement === undefined ? 'bob' : agreement.reader === CLINIC ? other : agreement.reader
  if (who % 3 === 0) return { who: anyActing(run, vaultOf(at), which + place), place: at, agreementId: null }
  if (who === 1) return { who: STRANGER, place: at, agreementId: id }
  return {
    who: anySignIn(run, who === 2 ? other : reader, which + place),
    place: at,
    agreementId: id,
  }
}

export const epochFor = ({ epochs }: Run, place: string, isOld: boolean): number =>
  Math.max(1, (epochs.get(place) ?? 1) - (isOld ? 1 : 0))
/** An answer may tell which epoch is the present one. */
export const noteEpoch =
  ({ epochs }: Run, place: string) =>
  (answer: unknown): void => {
    const stale = (answer as { Err?: { StaleEpoch?: { current: number } } } | null)?.Err?.StaleEpoch
    if (stale !== undefined) epochs.set(place, Math.max(stale.current, epochs.get(place) ?? 1))
  }

async function capsuleFor(run: Run, { patientId, compartment }: Reach, epoch: number) {
  const { compartmentKind, cid } = compartment
  const to = {
    patientId: new Uint8Array(patientId),
    compartmentKind,
    compartmentId: new Uint8Array(cid),
    epoch,
  }
  const { capsule, chain } = await newCapsule(capsuleKey(run.net), to, 3)
  return { capsule, key: (await nextStep(chain)).key }
}

type MadeCapsule = Awaited<ReturnType<typeof capsuleFor>>
function postCapsule(run: Run, as: As, epoch: number, { capsule, key }: MadeCapsule, then: () => void): void {
  const { place, agreementId } = as
  const arg = { ...placeOf(run.reachOf(place, agreementId)), capsule, requestId: freshId() }
  const act = actOf('postCapsule', as, arg.requestId, { epoch })
  run.send({ act, canister: 'records', method: 'postCapsule', arg }, (answer) => {
    noteEpoch(run, place)(answer)
    if (answer === null || kindOf(answer) !== 'Ok') return
    run.capsules.push({ place, capsuleId: key.capsuleId, capsule, epoch, chainWrap: null })
    then()
  })
}
/** A capsule under which nothing comes yet. */
export async function postUnused(run: Run, as: As, isOld: boolean): Promise<void> {
  const epoch = epochFor(run, as.place, isOld)
  postCapsule(run, as, epoch, await capsuleFor(run, run.reachOf(as.place, as.agreementId), epoch), () => {})
}

/** Whom a share with somebody names. */
export const principalOfReader = (run: Run, reader: string): Principal =>
  reader === CLINIC ? Principal.fromUint8Array(orgPrincipal(run.orgId)) : run.principalOf(signIn(reader, 1))

const asAsked = ({ places, rights, periodNs }: Ask) => ({
  named: places,
  rights,
  minutes: Number(periodNs / NS_PER_MINUTE),
})

/** What passes between a patient and their readers. */
export function doingsOfSharing(run: Run): Pick<Doings, 'share' | 'revoke' | 'derive' | 'list' | 'open' | 'store'> {
  const { net, model } = run
  const change = (kind: 'grant' | 'revoke', who: string, half: string, id: string, arg: { requestId: Uint8Array }) => {
    const act = actOf(kind, { who, place: half, agreementId: id }, arg.requestId)
    const once = {
      act,
      canister: half === 'consent' ? 'consent' : 'records',
      method: kind,
      arg,
    } as const
    run.sent.push(once)
    run.send(once)
  }
  return {
    share({ reader, places, only, answering, whose, by, isNamed, excludes, ...drawn }) {
      const startNs = net.nowNs()
      const ask = answering === null ? undefined : model.asks[answering % Math.max(1, model.asks.length)]
      const anybody = [...READERS, CLINIC][reader % 3] ?? CLINIC
      const to = ask === undefined || reader % 4 === 0 ? anybody : ask.reader
      const vault = ask === undefined || whose % 4 === 0 ? whoseOf(whose) : ask.vault
      // Mostly what was asked for, so that answers come to be; some take more, or are to somebody else.
      const terms = ask === undefined || by % 3 === 0 ? { ...drawn, named: placesOf(vault, places) } : asAsked(ask)
      const { named, rights, minutes } = terms
      const excluded = to === CLINIC && excludes !== null ? (READERS[excludes % 2] ?? 'ann') : null
      const ofOrganisation = {
        ...PLAIN_TERMS,
        namesSensitive: isNamed,
        excluded: excluded === null ? [] : [run.principalOf(signIn(excluded, 1))],
      }
      const compartments = named
        .map((place) => run.reachOf(place, null).compartment)
        .toSorted((a, b) => Buffer.compare(a.cid, b.cid))
      const giver = anyActing(run, vault, by)
      const arg = grantArg({
        patientId: namedFor(run, giver, vault),
        to: principalOfReader(run, to),
        compartments,
        startNs,
        endNs: startNs + BigInt(minutes) * NS_PER_MINUTE,
        rights: rights.reduce((sum, right) => sum | RIGHT[right], 0),
        purpose: purposeCode((ask?.reader ?? to) === CLINIC ? 'TREAT' : 'FAMRQT'),
        terms: to === CLINIC || isNamed ? [ofOrganisation] : [],
        answering: ask === undefined ? [] : [Uint8Array.from(Buffer.from(ask.id, 'hex'))],
      })
      const id = toHex(arg.grantId)
      const { endNs } = arg
      model.agreements.set(id, {
        id,
        vault,
        reader: to,
        excludes: excluded,
        isNamed,
        places: named,
        rights,
        startNs,
        endNs,
        copies: { consent: null, records: null },
        givers: { consent: null, records: null },
        answers: ask?.id ?? null,
      })
      for (const half of ['records', 'consent'] as const)
        if (only === null || only === half) change('grant', giver, half, id, arg)
    },
    revoke({ which, at, who }) {
      const agreement = agreementAt(run, which)
      if (agreement === undefined) return
      const reader = agreement.reader === CLINIC ? 'bob' : agreement.reader
      const by = who % 4 === 0 ? signIn(reader, 1) : anyActing(run, agreement.vault, who)
      const grantId = Uint8Array.from(Buffer.from(agreement.id, 'hex'))
      for (const half of HALVES)
        if (at === null || at === half) {
          const arg = { grantId, requestId: freshId() }
          change('revoke', by, half, agreement.id, arg)
        }
    },
    derive(asked) {
      const as = comes(run, asked)
      const epoch = epochFor(run, as.place, asked.isOld)
      const arg = deriveArg(run.reachOf(as.place, as.agreementId), epoch, TRANSPORT.publicKey)
      const act = actOf('derive', as, arg.requestId, { epoch })
      run.send({ act, canister: 'consent', method: 'deriveKey', arg }, noteEpoch(run, as.place))
    },
    list(asked) {
      const as = comes(run, asked)
      const arg = { ...placeOf(run.reachOf(as.place, as.agreementId)), requestId: freshId() }
      run.send({
        act: actOf('list', as, arg.requestId),
        canister: 'records',
        method: 'beginList',
        arg,
      })
    },
    open(asked) {
      const as = comes(run, asked)
      const stored = run.records.get(as.place) ?? []
      const recordId = stored[asked.which % Math.max(1, stored.length)]?.recordId
      if (recordId === undefined) return
      const place = placeOf(run.reachOf(as.place, as.agreementId))
      const arg = { ...place, records: [{ recordId, version: 1 }], requestId: freshId() }
      const act = actOf('open', as, arg.requestId, { recordId: toHex(recordId) })
      run.send({ act, canister: 'records', method: 'open', arg })
    },
    async store(asked) {
      const as = comes(run, asked)
      const { who, place } = as
      const reach = run.reachOf(place, as.agreementId)
      const epoch = epochFor(run, place, asked.isOld)
      const sealed = await seal(await anyKeys(reach, epoch), reach, { chunkLog2: 16 })
      const [chunk] = sealed.chunks
      if (chunk === undefined) throw new Error('a body has a chunk')
      const { recordId, secret } = sealed
      // Who may write and not read has no key to wrap with.
      const agreement = model.agreements.get(as.agreementId ?? '')
      const isBlind =
        as.agreementId === null
          ? asked.which % 4 > 0 && !model.facts.acts('records', who, vaultOf(place), ['read'], run.step())
          : agreement?.rights.join() === 'write'
      const made = isBlind ? await capsuleFor(run, reach, epoch) : null
      const of = { patientId: new Uint8Array(reach.patientId), recordId, version: 1 }
      const commit = made === null ? sealed.commit : { ...sealed.commit, ...(await wrapRecord(made.key, of, secret)) }
      // In one message, or in three.
      const whole = asked.which % 3 === 0 ? wholeOf({ ...sealed, commit }) : null
      const { requestId } = whole ?? commit
      const act = actOf('commit', as, requestId, { epoch, recordId: toHex(recordId), isUnderKey: made === null })
      const once = {
        act,
        canister: 'records',
        ...(whole === null ? ({ method: 'commit', arg: commit } as const) : ({ method: 'store', arg: whole } as const)),
      } as const
      const { nonce } = expectDecoded(decodeWrap(commit.openWrap))
      const whenOk = (then: () => void) => (answer: unknown) => (kindOf(answer) === 'Ok' ? then() : undefined)
      const whenStored = (answer: unknown): void => {
        const seq = (answer as { Ok?: { seq: number } } | null)?.Ok?.seq
        if (seq !== undefined) run.records.get(place)?.push({ recordId, seq, secret, epoch, nonce })
        noteEpoch(run, place)(answer)
      }
      const put = (then: () => void) => run.quietly(who, 'records', 'putChunk', chunk, whenOk(then))
      const begin = (then: () => void) => run.quietly(who, 'records', 'begin', sealed.begin, whenOk(then))
      const send = () => {
        run.sent.push(once)
        run.send(once, whenStored)
      }
      const upload = () => (whole === null ? begin(() => put(send)) : send())
      if (made === null) return upload()
      postCapsule(run, as, epoch, made, upload)
    },
  }
}

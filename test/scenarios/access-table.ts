import { newCapsule, sealChainStart } from '@medguard/crypto'
import { COMPARTMENT_KIND, equalBytes, type RefusalKind } from '@medguard/protocol'
import { type Arg, type CanisterName, freshId, type MethodName } from './clinic.ts'
import { capsuleKey, deriveArg, placeOf, type Reach, seal, type SealedRecord, store } from './sealed-record.ts'
import { dependantArg, peopleRows } from './people-access.ts'
import { organisationGrantsCases, trustCases } from './trust-table.ts'
import { beginList, type Caller, categoryOf, give, grantArg, type Ward, type WardClinic } from './ward.ts'

// Who may do what. Typed by the contract: a method without a row here does not compile.

export type Expected = 'Ok' | RefusalKind
export type Expectations = Readonly<Record<Caller, Expected>>

/** One way to call a method, by everybody. */
export interface Case<C extends CanisterName, M extends MethodName<C>> {
  /** What sets it apart from the method's other cases. */
  readonly what?: string
  readonly expected: Expectations
  /** Every argument that this caller would try, all with the same outcome. */
  readonly tries: (caller: Caller) => Promise<readonly Try<Arg<C, M>>[]> | readonly Try<Arg<C, M>>[]
}
/** One argument, and the same with a name that nobody has: `NotPermitted` for whoever is signed in, the owner too. */
export interface Try<A> {
  readonly exists: A
  readonly missing: readonly A[]
  /** Nobody has it, but the caller's grant names the place: who lost that grant hears that it ended, as for what exists. */
  readonly missingThere: readonly A[]
}
/** A case of whatever method takes this argument. */
interface OwnCase<A> {
  readonly what: string
  readonly expected: Expectations
  readonly tries: () => Try<A>[]
}
const only = <A>(exists: A): Try<A>[] => [{ exists, missing: [], missingThere: [] }]
const either = <A>(exists: A, ...missing: readonly A[]): Try<A>[] => [{ exists, missing, missingThere: [] }]
export type AccessTable = {
  readonly [C in CanisterName]: { readonly [M in MethodName<C>]: readonly [Case<C, M>, ...Case<C, M>[]] }
}

const nobody: Expectations = {
  owner: 'NotPermitted',
  live: 'NotPermitted',
  rewrapper: 'NotPermitted',
  expired: 'NotPermitted',
  revoked: 'NotPermitted',
  otherScope: 'NotPermitted',
  otherUser: 'NotPermitted',
  stranger: 'NotPermitted',
  controller: 'NotPermitted',
  canister: 'NotPermitted',
  anonymous: 'NotSignedIn',
}
const ownerOnly: Expectations = { ...nobody, owner: 'Ok' }
const readers: Expectations = {
  ...ownerOnly,
  live: 'Ok',
  rewrapper: 'Ok',
  expired: 'ConsentEnded',
  revoked: 'ConsentEnded',
}
const rewrappers: Expectations = { ...ownerOnly, rewrapper: 'Ok' }
const controllerOnly: Expectations = { ...nobody, controller: 'IdConflict' }
const everybody: Expectations = {
  owner: 'Ok',
  live: 'Ok',
  rewrapper: 'Ok',
  expired: 'Ok',
  revoked: 'Ok',
  otherScope: 'Ok',
  otherUser: 'Ok',
  stranger: 'Ok',
  controller: 'Ok',
  canister: 'Ok',
  anonymous: 'Ok',
}
const signedIn: Expectations = { ...everybody, anonymous: 'NotSignedIn' }
const enrolled: Expectations = {
  ...signedIn,
  stranger: 'NotPermitted',
  controller: 'NotPermitted',
  canister: 'NotPermitted',
}
/** Whoever has an account of their own keeps it, whatever id they name. */
const hasAnother: Expectations = {
  ...ownerOnly,
  live: 'IdConflict',
  rewrapper: 'IdConflict',
  expired: 'IdConflict',
  revoked: 'IdConflict',
  otherScope: 'IdConflict',
  otherUser: 'IdConflict',
}
/** Nobody shares what is not theirs, be it somebody's or nobody's. */
const grantsNothing: Expectations = {
  ...nobody,
  owner: 'BadInput',
  live: 'BadInput',
  rewrapper: 'BadInput',
  expired: 'BadInput',
  revoked: 'BadInput',
  otherScope: 'BadInput',
  otherUser: 'BadInput',
}
const grantsOwn: Expectations = { ...grantsNothing, owner: 'Ok' }

const FIRST_PAGE = { from: 0, count: 50 }

export function accessTable(ward: Ward<WardClinic>): AccessTable {
  const { clinic, labs, record, account } = ward
  const { patientId } = account
  const { recordId, version } = record
  const patient = ward.senderOf('owner')
  const owned = ward.reachOf('owner')
  const somebody = clinic.person('somebody').principal
  const nowhere = (reach: Reach): Reach[] => [
    { ...reach, patientId: freshId() },
    { ...reach, compartment: { ...labs, cid: freshId() } },
    ...(reach.grantId === null ? [] : [{ ...reach, grantId: freshId() }]),
  ]
  /** By every way in, and by the same ways to where nothing is. */
  const byReach = <A>(caller: Caller, make: (reach: Reach) => A, there: (reach: Reach) => readonly A[] = () => []) =>
    ward.reachesOf(caller).map((reach): Try<A> => {
      return { exists: make(reach), missing: nowhere(reach).map(make), missingThere: there(reach) }
    })
  const newGrant = async (cid = labs.cid) => {
    const nowNs = await clinic.nowNs()
    return grantArg({ to: somebody, compartments: [{ ...labs, cid }], startNs: nowNs, endNs: nowNs + 600_000_000_000n })
  }
  const begun = onceEach(async () => {
    const upload = await seal(ward.keys, owned)
    await clinic.ok(patient, 'records', 'begin', upload.begin)
    return upload
  })
  const uploaded = onceEach(async () => {
    const upload = await begun.fresh()
    for (const chunk of upload.chunks) await clinic.ok(patient, 'records', 'putChunk', chunk)
    return upload
  })
  /** The owner's own upload for the owner; for everybody else one of the owner's that lies open. */
  const upload = (of: OnceEach<SealedRecord>, caller: Caller) => (caller === 'owner' ? of.fresh() : of.shared())
  const patientPrincipal = clinic.person('patient').principal
  const somebodyElse = clinic.person('otherUser').principal
  let questions = 0
  let waiting: Uint8Array | null = null
  const asking = async () => {
    const nowNs = await clinic.nowNs()
    return {
      askId: freshId(),
      patient: clinic.person(`asked ${questions++}`).principal, // of one person as many may not wait
      forOrg: [] as [],
      categories: 2,
      rights: 3,
      purpose: 1,
      periodNs: 60_000_000_000n,
      expiresNs: nowNs + 600_000_000_000n,
      requestId: freshId(),
    }
  }
  /** The owner's own question to somebody. */
  const asked = onceEach(async () => {
    const arg = await asking()
    await clinic.ok(patient, 'consent', 'requestAccess', arg)
    return arg.askId
  })
  const shareGrant = onceEach(async () => {
    const grant = await newGrant()
    const compartments = [{ compartmentKind: COMPARTMENT_KIND.share, cid: grant.grantId }]
    await clinic.ok(patient, 'records', 'grant', { ...grant, compartments })
    return grant.grantId
  })
  const { listWrap, openWrap } = record.commit
  const wraps = [{ recordId, version, listWrap, openWrap }]
  const onBehalf = (reach: Reach) => ({
    caller: clinic.person('live').principal,
    ...placeOf(reach),
    requestId: freshId(),
  })
  const opened = [{ recordId, version, manifestHash: record.manifestHash }]

  /** The owner's way into a category whose key nobody has lost; everybody else's own way. */
  const unread = (reach: Reach): Reach =>
    equalBytes(reach.compartment.cid, labs.cid) && reach.grantId === null
      ? { ...reach, compartment: categoryOf(account, 'vitals') }
      : reach

  const revokeTries = async (caller: Caller) => {
    const grantId = caller === 'owner' ? await give(clinic, patient, await newGrant()) : ward.grants.live
    return either({ grantId, requestId: freshId() }, { grantId: freshId(), requestId: freshId() })
  }
  const recordsAt = (reach: Reach, wanted: { recordId: Uint8Array; version: number }) => ({
    ...placeOf(reach),
    records: [wanted],
    requestId: freshId(),
  })
  /** Of one's own vault, and of the patient's by name. */
  const ruleCases = <A>(make: (patientId: [] | [Uint8Array]) => A): [OwnCase<A>, OwnCase<A>] => [
    { what: 'of their own', expected: enrolled, tries: () => only(make([])) },
    { what: 'of the patient', expected: ownerOnly, tries: () => either(make([patientId]), make([freshId()])) },
  ]
  const keyCheck = { patientId: [] as [], ...labs, epoch: 1, keyCheckValue: ward.firstKeys.checkValue }

  const people = peopleRows(ward, { nobody, ownerOnly, enrolled })

  return {
    consent: {
      ...trustCases(ward, 'consent', { nobody, ownerOnly, enrolled, signedIn }),
      organisationGrants: organisationGrantsCases(ward, ownerOnly),
      configure: [
        {
          expected: controllerOnly,
          tries: () =>
            only({
              records: clinic.ids.records,
              audit: clinic.ids.audit,
              keyName: 'dfx_test_key',
              derivationsPerHour: 1,
              council: [],
            }),
        },
      ],
      enrol: [{ expected: signedIn, tries: () => only({ requestId: freshId() }) }],
      ...people,
      enrolDependant: [{ expected: enrolled, tries: () => only({ requestId: freshId() }) }],
      accountOf: [{ expected: ownerOnly, tries: () => either({ patientId }, { patientId: freshId() }) }],
      whoAmI: [{ expected: signedIn, tries: () => only(null) }],
      grant: [
        { expected: grantsOwn, tries: async () => only(await newGrant()) },
        { what: 'of what nobody has', expected: grantsNothing, tries: async () => only(await newGrant(freshId())) },
      ],
      revoke: [{ expected: ownerOnly, tries: revokeTries }],
      agreement: [
        {
          // Whoever it was to keeps what they were promised under, also when it is over.
          expected: { ...ownerOnly, live: 'Ok', rewrapper: 'Ok', expired: 'Ok', revoked: 'Ok', otherScope: 'Ok' },
          tries: (caller) =>
            ward
              .reachesOf(caller)
              .flatMap(({ grantId }) => either({ grantId: grantId ?? ward.grants.live }, { grantId: freshId() })),
        },
      ],
      grantsGiven: [{ expected: enrolled, tries: () => only({ patientId: [], ...FIRST_PAGE }) }],
      grantsReceived: [{ expected: enrolled, tries: () => only(FIRST_PAGE) }],
      requestAccess: [{ expected: enrolled, tries: async () => only(await asking()) }],
      withdrawRequest: [
        {
          what: 'of the owner',
          expected: ownerOnly,
          tries: async () => {
            const askId = await asked.fresh()
            return either({ askId, requestId: freshId() }, { askId: freshId(), requestId: freshId() })
          },
        },
      ],
      denyRequest: [
        {
          expected: ownerOnly,
          tries: async () => {
            const arg = { ...(await asking()), patient: patientPrincipal }
            if (waiting !== null)
              await clinic.call(somebodyElse, 'consent', 'withdrawRequest', { askId: waiting, requestId: freshId() })
            await clinic.ok(somebodyElse, 'consent', 'requestAccess', arg)
            waiting = arg.askId
            return either({ askId: arg.askId, requestId: freshId() }, { askId: freshId(), requestId: freshId() })
          },
        },
      ],
      requestsSent: [{ expected: enrolled, tries: () => only(FIRST_PAGE) }],
      requestsReceived: ruleCases((patientId) => ({ patientId, ...FIRST_PAGE })),
      audience: [
        {
          expected: ownerOnly,
          tries: () => {
            const place = { ...labs, grantId: [] as [], ...FIRST_PAGE }
            return either(
              { ...place, patientId: [patientId] },
              { ...place, patientId: [freshId()] },
              { ...place, patientId: [patientId], cid: freshId() },
            )
          },
        },
      ],
      rules: ruleCases((patientId) => ({ patientId })),
      changeRules: ruleCases((patientId) => ({ patientId, change: { requestsFrom: 2 }, requestId: freshId() })),
      changes: [{ expected: enrolled, tries: () => only(null) }],
      // That an owner may is in erasing.test.ts: here it would be the end of the ward.
      eraseBegin: [
        {
          expected: nobody,
          tries: (caller) => only({ patientId: caller === 'owner' ? freshId() : patientId, requestId: freshId() }),
        },
      ],
      eraseFinish: [
        { expected: nobody, tries: () => only({ patientId, receiptHash: new Uint8Array(32), requestId: freshId() }) },
      ],
      deriveKey: [{ expected: readers, tries: (caller) => byReach(caller, (reach) => deriveArg(reach)) }],
      postKeyCheck: [
        {
          expected: ownerOnly,
          tries: () =>
            either({ ...keyCheck, requestId: freshId() }, { ...keyCheck, cid: freshId(), requestId: freshId() }),
        },
      ],
      depositInfo: [{ expected: rewrappers, tries: (caller) => byReach(caller, placeOf) }],
      authoriseReadWraps: [
        {
          expected: nobody,
          tries: (caller) => byReach(caller, (reach) => ({ ...onBehalf(reach), fromSeq: 0, count: 1, epoch: 1 })),
        },
      ],
      authoriseRewrap: [
        { expected: nobody, tries: (caller) => byReach(caller, (reach) => ({ ...onBehalf(reach), epoch: 1 })) },
      ],
      authoriseRetire: [
        { expected: nobody, tries: (caller) => byReach(caller, (reach) => ({ ...onBehalf(reach), epoch: 1 })) },
      ],
      authoriseList: [{ expected: nobody, tries: (caller) => byReach(caller, onBehalf) }],
      authoriseOpen: [
        {
          expected: nobody,
          tries: (caller) => byReach(caller, (reach) => ({ ...onBehalf(reach), records: opened })),
        },
      ],
      authoriseWrite: [
        { expected: nobody, tries: (caller) => byReach(caller, (reach) => ({ ...onBehalf(reach), epoch: 1 })) },
      ],
    },

    records: {
      ...trustCases(ward, 'records', { nobody, ownerOnly, enrolled, signedIn }),
      ...people,
      vault: [{ expected: ownerOnly, tries: () => either({ patientId: [patientId] }, { patientId: [freshId()] }) }],
      enrolDependant: [{ expected: enrolled, tries: () => only(dependantArg()) }],
      configure: [
        {
          expected: controllerOnly,
          tries: () => only({ consent: clinic.ids.audit, audit: clinic.ids.consent, council: [] }),
        },
      ],
      enrol: [
        {
          what: 'with the id of the patient',
          expected: hasAnother,
          tries: () =>
            only({
              patientId,
              compartments: account.compartments.map(({ category, cid }) => ({ category, cid })),
              requestId: freshId(),
            }),
        },
      ],
      grant: [
        { expected: grantsOwn, tries: async () => only(await newGrant()) },
        { what: 'of what nobody has', expected: grantsNothing, tries: async () => only(await newGrant(freshId())) },
      ],
      revoke: [{ expected: ownerOnly, tries: revokeTries }],
      grantsGiven: [{ expected: enrolled, tries: () => only({ patientId: [], ...FIRST_PAGE }) }],
      sharesHolding: ruleCases((patientId) => ({ patientId, recordId, version })),
      rules: ruleCases((patientId) => ({ patientId })),
      changeRules: ruleCases((patientId) => ({ patientId, change: { requestsFrom: 2 }, requestId: freshId() })),
      begin: [
        {
          expected: ownerOnly,
          tries: async (caller) => {
            const { begin } = await seal(ward.keys, owned)
            return byReach(caller, (reach) => ({ ...begin, ...placeOf(reach), requestId: freshId() }))
          },
        },
      ],
      uploads: [{ expected: enrolled, tries: () => only(null) }],
      usage: ruleCases((patientId) => ({ patientId })),
      resume: [
        {
          expected: ownerOnly,
          tries: async (caller) => {
            const { recordId, version } = await upload(begun, caller)
            return either(
              { recordId, version, requestId: freshId() },
              { recordId: freshId(), version, requestId: freshId() },
            )
          },
        },
      ],
      putChunk: [
        {
          expected: ownerOnly,
          tries: async (caller) =>
            (await upload(begun, caller)).chunks.flatMap((chunk) => either(chunk, { ...chunk, recordId: freshId() })),
        },
      ],
      commit: [
        {
          expected: ownerOnly,
          tries: async (caller) => {
            const { commit } = await upload(uploaded, caller)
            return either(commit, { ...commit, recordId: freshId(), requestId: freshId() })
          },
        },
      ],
      abandon: [
        {
          // Uploads are found by who sends them: others give up nothing, and are told that nothing is left of it.
          expected: signedIn,
          tries: async (caller) => {
            const { recordId, version } = await upload(begun, caller)
            return [...only({ recordId, version }), ...only({ recordId: freshId(), version })]
          },
        },
      ],
      noteExport: ruleCases((patientId) => {
        return { patientId, archiveHash: new Uint8Array(32), count: 1, requestId: freshId() }
      }),
      erase: [
        {
          expected: nobody,
          tries: (caller) => only({ patientId: caller === 'owner' ? freshId() : patientId, requestId: freshId() }),
        },
      ],
      deleteRecord: [
        {
          expected: ownerOnly,
          tries: async (caller) => {
            const { recordId } =
              caller === 'owner' ? await store(clinic, patient, await seal(ward.keys, owned)) : record
            return either({ recordId, requestId: freshId() }, { recordId: freshId(), requestId: freshId() })
          },
        },
      ],
      beginList: [
        {
          expected: readers,
          tries: (caller) => byReach(caller, (reach) => ({ ...placeOf(reach), requestId: freshId() })),
        },
      ],
      headers: [
        {
          expected: readers,
          tries: async (caller) => {
            if (caller === 'owner' || caller === 'live') await beginList(ward, caller)
            return byReach(caller, (reach) => ({ ...placeOf(reach), fromSeq: 0, count: 1 }))
          },
        },
      ],
      listCounts: [{ expected: enrolled, tries: () => only({ lists: [placeOf(owned)] }) }],
      open: [
        {
          expected: readers,
          tries: (caller) =>
            byReach(
              caller,
              (reach) => recordsAt(reach, { recordId, version }),
              (reach) => [
                recordsAt(reach, { recordId: freshId(), version }),
                recordsAt(reach, { recordId, version: version + 1 }),
              ],
            ),
        },
      ],
      chunk: [
        {
          expected: readers,
          tries: (caller) =>
            byReach(
              caller,
              (reach) => ({ ...placeOf(reach), recordId, version, index: 0 }),
              (reach) => [{ ...placeOf(reach), recordId: freshId(), version, index: 0 }],
            ),
        },
      ],
      postCapsule: [
        {
          expected: ownerOnly,
          tries: async (caller) => {
            const at = { patientId, compartmentKind: 1, compartmentId: ward.labs.cid, epoch: ward.keys.place.epoch }
            const { capsule } = await newCapsule(capsuleKey(clinic), at)
            return byReach(caller, (reach) => ({ ...placeOf(reach), capsule, requestId: freshId() }))
          },
        },
      ],
      capsules: [
        {
          expected: readers,
          tries: async (caller) => {
            if (caller === 'owner' || caller === 'live') await beginList(ward, caller)
            return byReach(caller, (reach) => ({ ...placeOf(reach), capsuleIds: [freshId()], chainWraps: [] as [] }))
          },
        },
      ],
      putChainWrap: [
        {
          expected: ownerOnly,
          tries: async (caller) => {
            const { place } = ward.keys
            const { capsule, chain } = await newCapsule(capsuleKey(clinic), place)
            await clinic.ok(patient, 'records', 'postCapsule', { ...placeOf(owned), capsule, requestId: freshId() })
            const { capsuleId } = chain
            const chainWrap = await sealChainStart(ward.keys, capsuleId, chain.secret)
            return byReach(caller, (reach) => ({ ...placeOf(reach), capsuleId, chainWrap, requestId: freshId() }))
          },
        },
      ],
      rewrapState: [{ expected: rewrappers, tries: (caller) => byReach(caller, placeOf) }],
      readWraps: [
        {
          expected: rewrappers,
          tries: (caller) =>
            byReach(caller, (reach) => ({ ...placeOf(reach), fromSeq: 0, count: 9, epoch: 9, requestId: freshId() })),
        },
      ],
      putWraps: [
        {
          expected: rewrappers,
          tries: async (caller) => {
            const present = caller === 'rewrapper' ? (await seal(ward.keys, owned)).commit : record.commit
            const epoch = caller === 'rewrapper' ? ward.keys.place.epoch : 1
            const { listWrap, openWrap } = present
            return byReach(caller, (reach) => {
              const entries = [{ seq: 9, oldEpoch: 1, oldNonce: new Uint8Array(12), listWrap, openWrap }]
              return { ...placeOf(unread(reach)), epoch, entries, requestId: freshId() }
            })
          },
        },
      ],
      // What cannot be undone is the owner's, also where somebody else may wrap anew.
      restoreWraps: [
        {
          expected: ownerOnly,
          tries: (caller) => byReach(caller, (reach) => ({ ...placeOf(reach), seqs: [9], requestId: freshId() })),
        },
      ],
      retire: [
        {
          expected: ownerOnly,
          tries: (caller) =>
            byReach(caller, (reach) => ({ ...placeOf(unread(reach)), epoch: 1, byOthers: [], requestId: freshId() })),
        },
      ],
      putShareWraps: [
        {
          expected: ownerOnly,
          tries: async (caller) =>
            either(
              {
                grantId: await (caller === 'owner' ? shareGrant.fresh() : shareGrant.shared()),
                wraps,
                capsule: [] as [],
                requestId: freshId(),
              },
              { grantId: freshId(), wraps, capsule: [] as [], requestId: freshId() },
            ),
        },
      ],
    },

    audit: {
      configure: [
        { expected: controllerOnly, tries: () => only({ consent: clinic.ids.records, records: clinic.ids.consent }) },
      ],
      append: [{ expected: nobody, tries: () => only({ firstSeq: 0n, leaves: [new Uint8Array(100)] }) }],
      head: [{ expected: everybody, tries: () => only(null) }],
      leaves: [
        {
          what: 'of the patient',
          expected: ownerOnly,
          tries: () => {
            const page = { fromSeq: 0n, count: 50 }
            return either({ ...page, of: { patient: patientId } }, { ...page, of: { patient: freshId() } })
          },
        },
        {
          what: 'of the caller',
          expected: signedIn,
          tries: () => only({ of: { actor: null }, fromSeq: 0n, count: 50 }),
        },
        {
          what: 'of an organisation',
          expected: nobody,
          tries: () => only({ of: { organisation: freshId() }, fromSeq: 0n, count: 50 }),
        },
      ],
      organisationHead: [{ expected: nobody, tries: () => only({ orgId: freshId() }) }],
      tile: [{ expected: everybody, tries: () => only({ level: 0, index: 0 }) }],
      checkpoint: [{ expected: everybody, tries: () => only(null) }],
      configureCheckpoints: [
        { expected: { ...nobody, controller: 'Ok' }, tries: () => only({ keyName: 'dfx_test_key' }) },
      ],
      makeCheckpoint: [{ expected: signedIn, tries: () => only(null) }],
      chainHead: [{ expected: ownerOnly, tries: () => either({ patientId }, { patientId: freshId() }) }],
      inclusionProof: [{ expected: everybody, tries: () => only({ leafIndex: 1n, treeSize: 4n }) }],
      consistencyProof: [{ expected: everybody, tries: () => only({ firstSize: 2n, secondSize: 4n }) }],
    },
  }
}

/** A good argument of a method, as the owner would send it. */
export async function ownArg(table: AccessTable, canister: CanisterName, method: string): Promise<unknown> {
  const [first] = await casesOf(table, canister, method)[0]!.tries('owner')
  return first?.exists
}

/** Of any method, to be called with its own arguments. */
export type AnyCase = Omit<Case<'consent', 'whoAmI'>, 'tries'> & {
  readonly tries: (caller: Caller) => Promise<readonly Try<unknown>[]> | readonly Try<unknown>[]
}

/** The table is typed where it is written; for whoever walks it all methods are alike. */
export function casesOf(table: AccessTable, canister: CanisterName, method: string): readonly AnyCase[] {
  return (table[canister] as unknown as Record<string, readonly AnyCase[]>)[method] ?? []
}

interface OnceEach<T> {
  /** Made anew each time. */
  fresh(): Promise<T>
  /** The same one each time. */
  shared(): Promise<T>
}

function onceEach<T>(make: () => Promise<T>): OnceEach<T> {
  let one: Promise<T> | null = null
  return { fresh: make, shared: () => (one ??= make()) }
}

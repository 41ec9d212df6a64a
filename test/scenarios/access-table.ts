import { newCapsule, sealChainStart } from '@medguard/crypto'
import { type AgreedGrantArg, COMPARTMENT_KIND, equalBytes, purposeCode } from '@medguard/protocol'
import {
  adders,
  controllerOnly,
  enrolled,
  everybody,
  type Expectations,
  forEach,
  grantsNothing,
  grantsOwn,
  hasAnother,
  holders,
  isHolder,
  nobody,
  ownerOnly,
  ownersGrants,
  PARTIES,
  readers,
  READERS,
  readersForOwner,
  underGrantToOpen,
  rewrappers,
  sharers,
  signedIn,
  writers,
} from './access-expectations.ts'
import { authorKeyCases } from './author-keys.fixture.ts'
import { deviceCases, deviceOwnCases } from './device-access.ts'
import { type Arg, type CanisterName, freshId, type MethodName } from './clinic.ts'
import { capsuleKey, deriveArg, placeOf, type Reach, seal, type SealedRecord, store, wholeOf } from './sealed-record.ts'
import { newLink } from './links.fixture.ts'
import { dependantArg, peopleRows } from './people-access.ts'
import { organisationGrantsCases, trustCases } from './trust-table.ts'
import { beginList, type Caller, categoryOf, give, grantArg, type Ward, type WardClinic } from './ward.ts'

// Who may do what. Typed by the contract: a method without a row here does not compile.

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
  readonly tries: (caller: Caller) => Try<A>[] | Promise<Try<A>[]>
}
const only = <A>(exists: A): Try<A>[] => [{ exists, missing: [], missingThere: [] }]
const either = <A>(exists: A, ...missing: readonly A[]): Try<A>[] => [{ exists, missing, missingThere: [] }]
export type AccessTable = {
  readonly [C in CanisterName]: { readonly [M in MethodName<C>]: readonly [Case<C, M>, ...Case<C, M>[]] }
}

const FIRST_PAGE = { from: 0, count: 50 }

export function accessTable(ward: Ward<WardClinic>): AccessTable {
  const { clinic, labs, record, account } = ward
  const patientIdOf = (caller: Caller) => ward.vaultOf(caller).account.patientId
  const recordOf = (caller: Caller) => ward.vaultOf(caller).record
  const { patientId } = account
  const { recordId, version } = record
  const patient = ward.senderOf('owner')
  const owned = ward.reachOf('owner')
  const somebody = clinic.person('somebody').principal
  const nowhere = (reach: Reach): Reach[] => [
    { ...reach, patientId: freshId() },
    { ...reach, compartment: { ...reach.compartment, cid: freshId() } },
    ...(reach.grantId === null ? [] : [{ ...reach, grantId: freshId() }]),
  ]
  /** By every way in, and by the same ways to where nothing is. */
  const byReach = <A>(caller: Caller, make: (reach: Reach) => A, there: (reach: Reach) => readonly A[] = () => []) =>
    ward.reachesOf(caller).map((reach): Try<A> => {
      return { exists: make(reach), missing: nowhere(reach).map(make), missingThere: there(reach) }
    })
  const newGrant = async (cid = labs.cid, purpose = purposeCode('FAMRQT')) => {
    const nowNs = await clinic.nowNs()
    const period = { startNs: nowNs, endNs: nowNs + 600_000_000_000n }
    return grantArg({ to: somebody, compartments: [{ ...labs, cid }], ...period, purpose })
  }
  const grantInPlace = async (caller: Caller) => {
    const make = async (patientId: Uint8Array): Promise<AgreedGrantArg> => {
      return { ...(await newGrant(ward.vaultOf(caller).labs.cid)), patientId: [patientId] }
    }
    return either(await make(patientIdOf(caller)), await make(freshId()))
  }
  const grantCases: readonly [OwnCase<AgreedGrantArg>, ...OwnCase<AgreedGrantArg>[]] = [
    { what: 'of their own', expected: grantsOwn, tries: async () => only(await newGrant()) },
    { what: 'of what nobody has', expected: grantsNothing, tries: async () => only(await newGrant(freshId())) },
    { what: 'in the place of the patient', expected: sharers, tries: grantInPlace },
  ]
  const begun = onceEach(async (caller: Caller) => {
    const upload = await seal(ward.vaultOf(caller).keys, ward.reachOf(caller))
    await clinic.ok(ward.senderOf(caller), 'records', 'begin', upload.begin)
    return upload
  })
  const uploaded = onceEach(async (caller: Caller) => {
    const upload = await begun.fresh(caller)
    for (const chunk of upload.chunks) await clinic.ok(ward.senderOf(caller), 'records', 'putChunk', chunk)
    return upload
  })
  /** Their own upload for whoever may add; for everybody else one of the owner's that lies open. */
  const upload = (of: OnceEach<SealedRecord>, caller: Caller) =>
    writers[caller] === 'Ok' ? of.fresh(caller) : of.shared()
  const patientPrincipal = clinic.person('patient').principal
  /** Whom the patient has shared with hears an answer, whether anybody verified them or not. */
  const somebodyElse = clinic.person('live').principal
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
      purpose: purposeCode('FAMRQT'),
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
  const linkFor = async (patientId: [] | [Uint8Array]) =>
    newLink((await clinic.nowNs()) + 600_000_000_000n, { patientId })
  const linkOf = onceEach(async (caller: Caller) => {
    const { arg, linkId } = await linkFor([patientIdOf(caller)])
    await clinic.ok(ward.senderOf(caller), 'records', 'makeLink', arg)
    return linkId
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
    const grantId = ownersGrants[caller] === 'Ok' ? await give(clinic, patient, await newGrant()) : ward.grants.live
    return either({ grantId, requestId: freshId() }, { grantId: freshId(), requestId: freshId() })
  }
  const recordsAt = (reach: Reach, wanted: { recordId: Uint8Array; version: number }) => ({
    ...placeOf(reach),
    records: [wanted],
    requestId: freshId(),
  })
  /** Of one's own vault, and of the patient's by name. */
  const ruleCases = <A>(
    make: (patientId: [] | [Uint8Array]) => A,
    expected: Expectations = ownerOnly,
  ): [OwnCase<A>, OwnCase<A>] => [
    { what: 'of their own', expected: enrolled, tries: () => only(make([])) },
    {
      what: 'of the patient',
      expected,
      tries: (caller) => either(make([patientIdOf(caller)]), make([freshId()])),
    },
  ]
  const keyCheck = { patientId: [] as [], ...labs, epoch: 1, keyCheckValue: ward.firstKeys.checkValue }

  const people = peopleRows(ward, { nobody, ownerOnly, enrolled })

  return {
    consent: {
      ...trustCases(ward, 'consent', { nobody, holders, enrolled, signedIn }),
      ...deviceCases(ward, 'consent'),
      organisationGrants: organisationGrantsCases(ward, holders),
      configure: [
        {
          expected: controllerOnly,
          tries: () =>
            only({
              records: clinic.ids.records,
              audit: clinic.ids.audit,
              keyName: 'dfx_test_key',
              derivationsPerHour: 1,
              logShards: [],
              council: [],
            }),
        },
      ],
      // A sign-in that was shut out of its account begins no other one. That somebody named a key as that of a device keeps nobody from theirs.
      enrol: [
        {
          expected: { ...signedIn, formerSignIn: 'NotPermitted' },
          tries: () => only({ requestId: freshId() }),
        },
      ],
      ...people,
      enrolDependant: [{ expected: enrolled, tries: () => only({ requestId: freshId() }) }],
      accountOf: [
        {
          expected: readersForOwner,
          tries: (caller) => either({ patientId: patientIdOf(caller) }, { patientId: freshId() }),
        },
      ],
      whoAmI: [{ expected: signedIn, tries: () => only(null) }],
      grant: grantCases,
      revoke: [{ expected: ownersGrants, tries: revokeTries }],
      agreement: [
        {
          // Whoever it was to keeps what they were promised under, also when it is over.
          expected: { ...holders, ...forEach([...PARTIES, 'carerReading', 'carerForAll'], 'Ok') },
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
          expected: holders,
          tries: async () => {
            const askId = await asked.fresh()
            return either({ askId, requestId: freshId() }, { askId: freshId(), requestId: freshId() })
          },
        },
      ],
      denyRequest: [
        {
          expected: ownersGrants,
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
      requestsReceived: ruleCases((patientId) => ({ patientId, ...FIRST_PAGE }), sharers),
      audience: [
        {
          expected: readersForOwner,
          tries: (caller) => {
            const place = { ...ward.vaultOf(caller).labs, grantId: [] as [], ...FIRST_PAGE }
            const patientId = patientIdOf(caller)
            return either(
              { ...place, patientId: [patientId] },
              { ...place, patientId: [freshId()] },
              { ...place, patientId: [patientId], cid: freshId() },
            )
          },
        },
      ],
      rules: ruleCases((patientId) => ({ patientId }), sharers),
      changeRules: ruleCases(
        (patientId) => ({ patientId, change: { requestsFrom: 2 }, requestId: freshId() }),
        sharers,
      ),
      changes: [{ expected: enrolled, tries: () => only(null) }],
      // That an owner may is in erasing.test.ts: here it would be the end of the ward.
      eraseBegin: [
        {
          expected: nobody,
          tries: (caller) => only({ patientId: isHolder(caller) ? freshId() : patientId, requestId: freshId() }),
        },
      ],
      eraseFinish: [
        { expected: nobody, tries: () => only({ patientId, receiptHash: new Uint8Array(32), requestId: freshId() }) },
      ],
      deriveKey: [{ expected: readers, tries: (caller) => byReach(caller, (reach) => deriveArg(reach)) }],
      postKeyCheck: [
        {
          expected: holders,
          tries: () =>
            either({ ...keyCheck, requestId: freshId() }, { ...keyCheck, cid: freshId(), requestId: freshId() }),
        },
      ],
      depositInfo: [{ expected: { ...writers, rewrapper: 'Ok' }, tries: (caller) => byReach(caller, placeOf) }],
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
      logShardOf: [
        {
          expected: nobody,
          tries: (caller) =>
            either({ patientId: patientIdOf(caller), logShards: [] }, { patientId: freshId(), logShards: [] }),
        },
      ],
      authoriseOpen: [
        {
          expected: nobody,
          tries: (caller) => byReach(caller, (reach) => ({ ...onBehalf(reach), records: opened })),
        },
      ],
      authoriseWrite: [
        {
          expected: nobody,
          tries: (caller) =>
            byReach(caller, (reach) => ({ ...onBehalf(reach), epoch: 1, authorKeyId: [] as [], deviceId: [] as [] })),
        },
      ],
      ...authorKeyCases(ward),
    },

    records: {
      ...trustCases(ward, 'records', { nobody, holders, enrolled, signedIn }),
      ...deviceCases(ward, 'records'),
      ...deviceOwnCases(ward),
      ...people,
      vault: [
        {
          expected: readersForOwner,
          tries: (caller) => either({ patientId: [patientIdOf(caller)] }, { patientId: [freshId()] }),
        },
      ],
      enrolDependant: [{ expected: enrolled, tries: () => only(dependantArg()) }],
      configure: [
        {
          expected: controllerOnly,
          tries: () => only({ consent: clinic.ids.audit, audit: clinic.ids.consent, council: [], logShards: [] }),
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
      grant: grantCases,
      revoke: [{ expected: ownersGrants, tries: revokeTries }],
      grantsGiven: [{ expected: enrolled, tries: () => only({ patientId: [], ...FIRST_PAGE }) }],
      sharesHolding: ruleCases((patientId) => ({ patientId, recordId, version }), readersForOwner),
      rules: ruleCases((patientId) => ({ patientId }), sharers),
      changeRules: ruleCases(
        (patientId) => ({ patientId, change: { requestsFrom: 2 }, requestId: freshId() }),
        sharers,
      ),
      makeLink: [
        { what: 'of their own', expected: enrolled, tries: async () => only((await linkFor([])).arg) },
        {
          what: 'of the patient',
          expected: sharers,
          tries: async (caller) => either((await linkFor([patientIdOf(caller)])).arg, (await linkFor([freshId()])).arg),
        },
      ],
      links: ruleCases((patientId) => ({ patientId }), sharers),
      endLink: [
        {
          expected: sharers,
          async tries(caller) {
            const linkId = await (sharers[caller] === 'Ok' ? linkOf.fresh(caller) : linkOf.shared())
            const patientId: [Uint8Array] = [patientIdOf(caller)]
            return either(
              { patientId, linkId, requestId: freshId() },
              { patientId, linkId: freshId(), requestId: freshId() },
              { patientId: [freshId()], linkId, requestId: freshId() },
            )
          },
        },
      ],
      begin: [
        {
          expected: writers,
          tries: async (caller) => {
            const { begin } = await seal(ward.vaultOf(caller).keys, ward.reachOf(caller))
            return byReach(caller, (reach) => ({ ...begin, ...placeOf(reach), requestId: freshId() }))
          },
        },
      ],
      uploads: [{ expected: enrolled, tries: () => only(null) }],
      usage: ruleCases((patientId) => ({ patientId }), readersForOwner),
      resume: [
        {
          expected: adders,
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
          expected: writers,
          tries: async (caller) =>
            (await upload(begun, caller)).chunks.flatMap((chunk) => either(chunk, { ...chunk, recordId: freshId() })),
        },
      ],
      commit: [
        {
          // Who may not read has no key of the place to wrap under: their records go in under a capsule (deposits.test.ts).
          expected: { ...adders, writer: 'BadInput', device: 'BadInput' },
          tries: async (caller) => {
            const { commit } = await upload(uploaded, caller)
            return either(commit, { ...commit, recordId: freshId(), requestId: freshId() })
          },
        },
      ],
      store: [
        {
          expected: { ...adders, writer: 'BadInput', device: 'BadInput' },
          tries: (caller) => {
            const whole = async (reach: Reach) => wholeOf(await seal(ward.vaultOf(caller).keys, reach))
            return Promise.all(
              ward.reachesOf(caller).map(async (reach) => {
                const exists = await whole(reach)
                return {
                  exists,
                  missing: nowhere(reach).map((at) => ({
                    ...exists,
                    ...placeOf(at),
                    recordId: freshId(),
                    requestId: freshId(),
                  })),
                  missingThere: [],
                }
              }),
            )
          },
        },
      ],
      abandon: [
        {
          // Uploads are found by who sends them: others give up nothing, and are told that nothing is left of it.
          expected: signedIn,
          tries: async (caller) => {
            const { recordId, version } = await upload(begun, caller)
            const uploadId: [] = []
            return [...only({ recordId, version, uploadId }), ...only({ recordId: freshId(), version, uploadId })]
          },
        },
      ],
      noteExport: [
        ...ruleCases((patientId) => {
          return { patientId, grantId: [] as [], archiveHash: new Uint8Array(32), count: 1, requestId: freshId() }
        }, readersForOwner),
        {
          what: 'under a grant',
          expected: underGrantToOpen,
          tries: (caller) => {
            const of = (grantId: Uint8Array) => {
              const archiveHash = new Uint8Array(32)
              return {
                patientId: [] as [],
                grantId: [grantId] as [Uint8Array],
                archiveHash,
                count: 1,
                requestId: freshId(),
              }
            }
            return ward
              .reachesOf(caller)
              .flatMap(({ grantId }) => either(of(grantId ?? ward.grants.live), of(freshId())))
          },
        },
      ],
      erase: [
        {
          expected: nobody,
          tries: (caller) => only({ patientId: isHolder(caller) ? freshId() : patientId, requestId: freshId() }),
        },
      ],
      deleteRecord: [
        {
          expected: ownerOnly,
          tries: async (caller) => {
            const { recordId } =
              ownerOnly[caller] === 'Ok'
                ? await store(
                    clinic,
                    ward.senderOf(caller),
                    await seal(ward.vaultOf(caller).keys, ward.reachOf(caller)),
                  )
                : record
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
            if (READERS.includes(caller)) await beginList(ward, caller)
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
              (reach) => recordsAt(reach, { recordId: recordOf(caller).recordId, version }),
              (reach) => [
                recordsAt(reach, { recordId: freshId(), version }),
                recordsAt(reach, { recordId: recordOf(caller).recordId, version: version + 1 }),
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
              (reach) => ({ ...placeOf(reach), recordId: recordOf(caller).recordId, version, index: 0 }),
              (reach) => [{ ...placeOf(reach), recordId: freshId(), version, index: 0 }],
            ),
        },
      ],
      postCapsule: [
        {
          expected: writers,
          tries: async (caller) => {
            const { capsule } = await newCapsule(capsuleKey(clinic), ward.vaultOf(caller).keys.place)
            return byReach(caller, (reach) => ({ ...placeOf(reach), capsule, requestId: freshId() }))
          },
        },
      ],
      capsules: [
        {
          expected: readers,
          tries: async (caller) => {
            if (READERS.includes(caller)) await beginList(ward, caller)
            return byReach(caller, (reach) => ({ ...placeOf(reach), capsuleIds: [freshId()], chainWraps: [] as [] }))
          },
        },
      ],
      putChainWrap: [
        {
          expected: ownerOnly,
          tries: async (caller) => {
            const poster = holders[caller] === 'Ok' || caller === 'manager' ? caller : 'owner'
            const { keys } = ward.vaultOf(poster)
            const { capsule, chain } = await newCapsule(capsuleKey(clinic), keys.place)
            const place = placeOf(ward.reachOf(poster))
            await clinic.ok(ward.senderOf(poster), 'records', 'postCapsule', {
              ...place,
              capsule,
              requestId: freshId(),
            })
            const { capsuleId } = chain
            const chainWrap = await sealChainStart(keys, capsuleId, chain.secret)
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
            const present = caller === 'rewrapper' ? (await seal(ward.keys, owned)).commit : recordOf(caller).commit
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
          expected: ownersGrants,
          tries: async (caller) =>
            either(
              {
                grantId: await (ownersGrants[caller] === 'Ok' ? shareGrant.fresh() : shareGrant.shared()),
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
        {
          expected: controllerOnly,
          tries: () => only({ consent: clinic.ids.records, records: clinic.ids.consent, logShards: [] }),
        },
      ],
      append: [{ expected: nobody, tries: () => only({ firstSeq: 0n, leaves: [new Uint8Array(100)] }) }],
      noteReaders: [{ expected: nobody, tries: () => only({ firstSeq: 0n, notes: [new Uint8Array(100)] }) }],
      head: [{ expected: everybody, tries: () => only(null) }],
      leaves: [
        {
          what: 'of the patient',
          expected: readersForOwner,
          tries: (caller) => {
            const of = (patient: Uint8Array) => ({ of: { patient }, fromSeq: 0n, count: 50 })
            return either(of(patientIdOf(caller)), of(freshId()))
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
      shardHead: [{ expected: nobody, tries: () => only({ shard: 1 }) }],
      configureCheckpoints: [
        { expected: { ...nobody, controller: 'Ok' }, tries: () => only({ keyName: 'dfx_test_key' }) },
      ],
      makeCheckpoint: [{ expected: signedIn, tries: () => only(null) }],
      chainHead: [
        {
          expected: readersForOwner,
          tries: (caller) => either({ patientId: patientIdOf(caller) }, { patientId: freshId() }),
        },
      ],
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
  /** Made anew each time, by this caller. */
  fresh(caller?: Caller): Promise<T>
  /** The same one of the owner's each time. */
  shared(): Promise<T>
}

function onceEach<T>(make: (caller: Caller) => Promise<T>): OnceEach<T> {
  let one: Promise<T> | null = null
  return { fresh: (caller = 'owner') => make(caller), shared: () => (one ??= make('owner')) }
}

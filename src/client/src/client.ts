import type { Identity } from '@dfinity/agent'
import { newCapsule, nextStep, rewrapRecord, type WrapKeys } from '@medguard/crypto'
import {
  type Account,
  CATEGORIES,
  type Category,
  COMPARTMENT_KIND,
  concatBytes,
  refuse,
  refusalOf,
  SHARE_WRAPS_PER_CALL_MAX,
  toHex,
} from '@medguard/protocol'
import { withoutOneself } from './acting.ts'
import {
  type AccountInfo,
  type HeadMemory,
  type MedGuardClient,
  type OpenedRecord,
  type Progress,
  type RecordSummary,
  type ShareRange,
  type Vault,
} from './api.ts'
import { alertsPart } from './alerts.ts'
import { fhirPart, summaryBytes } from './fhir/index.ts'
import type { FhirPart } from './fhir-api.ts'
import { fileMethods, type OpenedRecordOfFiles } from './file-reading.ts'
import type { AuthorKeeper, AuthorMethods } from './author-api.ts'
import { authorMethods, SIGNS_NOTHING } from './author-keys.ts'
import { createDeposit } from './depositing.ts'
import { devicesPart } from './devices.ts'
import { linksPart } from './links.ts'
import { type ListedRecord, soundHead } from './listing.ts'
import { logMethods } from './log-methods.ts'
import { memoryOnly } from './memory-only.ts'
import type { Network } from './network.ts'
import { idOf, newId, okOf, Refused } from './outcome.ts'
import { epochOf } from './place.ts'
import { openRecord, releaseWrap } from './reading.ts'
import { addressOf, newestOf, sameCategory, summaryOf } from './record-summary.ts'
import { audienceMethods } from './audience.ts'
import { createFollowing, withNotes } from './following.ts'
import { isWithin } from './record-days.ts'
import { rulesMethods } from './rules.ts'
import type { RulesMethods } from './rules-api.ts'
import type { FillShare } from './share.ts'
import { createNews } from './news.ts'
import { categoriesOf } from './share-list.ts'
import { sharingMethods } from './sharing-methods.ts'
import { createRecordsPart } from './records-part.ts'
import { createKeepUp } from './keeping-up.ts'
import { createRewrap } from './rewrapping.ts'
import type { DeviceMemory } from './device-api.ts'
import { createOffline } from './offline.ts'
import { createAdd, createAddOnce } from './adding.ts'
import type { RecordAddress } from './api-records.ts'
import { createOwnBooks } from './own-books.ts'
import { peopleMethodsOf } from './people.ts'
import { recoveryMethodsOf } from './recovery.ts'
import type { SealedMemory } from './search-api.ts'
import { createSearching } from './searching.ts'
import { createSession } from './session.ts'
import { trustMethods } from './trust.ts'
import type { TrustMethods } from './trust-api.ts'
import { createVaultLists } from './vault-lists.ts'
import { createWatch } from './watching.ts'
import { withWrapKeys } from './wrap-keys.ts'

type OpenInto = (...args: Parameters<MedGuardClient['openInto']>) => Promise<Omit<OpenedRecord, 'bytes'>>

/** What a grantee hears whose grant gives nothing any more, or nothing now. */
const OVER: ReadonlySet<string> = new Set(['ConsentEnded', 'Paused', 'Unverified'])

/**
 * The SDK: everything a signed-in person can do, over the pinned `network`. Keys are kept in memory only.
 *
 * @param headMemory keeps the last verified log head between sessions; without one, each session starts anew.
 */
export function createClient(options: {
  identity: Identity
  network: Network
  headMemory?: HeadMemory
  /** Keeps the words of contents that were opened, sealed; without one, search looks inside what was opened since the sign-in. */
  searchMemory?: SealedMemory
  /** Keeps, sealed, what was told of the log and what of it was read; without one, that lasts as long as the session. */
  noticeMemory?: SealedMemory
  /** Keeps records and what was not sent yet, sealed, for when there is no network; without one, nothing is kept beyond the session. */
  deviceMemory?: DeviceMemory
  /** Whether it is known that there is no network: then nothing waits for one to answer. */
  isOffline?: () => boolean
  /** Patient id: everything that is about one's own records is about this patient's, for whoever may act in their place. */
  actsFor?: string
  /** Keeps the key that signs what is stored, once there is one (`addAuthorKey`); without it nothing is signed. */
  authors?: AuthorKeeper
}): MedGuardClient {
  const { identity, network } = options
  const headMemory = options.headMemory ?? memoryOnly()
  const actsFor = options.actsFor === undefined ? null : idOf(options.actsFor)
  const { authors = SIGNS_NOTHING } = options
  const session = createSession(identity, network, headMemory, { actsFor, authors })
  const { canisters, keyRing, unlocked, expectOpen, account } = session
  const seen = new Map<string, ListedRecord>()
  const openedFiles = new Map<string, Promise<OpenedRecordOfFiles>>()
  const held: Parameters<typeof sharingMethods>[0]['held'] = new Map()
  const watch = createWatch(canisters)
  const underWay = new Set<string>()
  session.onLock(() => {
    seen.clear()
    watch.forget()
  })

  const lists = createVaultLists(session)

  /** @param isShown whether somebody sees it: what was only looked through is not what `hasGrown` compares with. */
  const list = async (
    vault: Vault,
    categories: readonly Category[],
    progress?: Progress,
    isShown = false,
  ): Promise<RecordSummary[]> => {
    const all = await lists.listsIn(vault, categories, isShown, progress)
    const own = vault.of === 'me' ? categoriesOf(await account()) : new Map<string, Category>()
    expectOpen() // what is remembered below would outlive the lock
    for (const [reach, listed] of all) watch.listed(vault, reach, listed, isShown)
    const records = all.flatMap(([, each]) => each.records)
    for (const record of records) {
      const { recordId, version } = record.row
      seen.set(addressOf({ vault, recordId: toHex(recordId), version }), record)
    }
    const summaries = newestOf(records).map((record) => summaryOf(vault, record, own))
    if (vault.of === 'me') {
      following.listed(summaries, categories)
      await searching.listed(records, summaries, categories)
    }
    return summaries.filter((summary) => vault.of === 'me' || sameCategory(summary, categories))
  }

  /** A record as an earlier list found it; else lists again, as little as will do, since each list is an entry in the log. */
  const find = async (
    address: Pick<RecordSummary, 'vault' | 'recordId' | 'version'>,
    category: RecordSummary['category'],
  ): Promise<ListedRecord> => {
    const wanted = addressOf(address)
    if (!seen.has(wanted)) await list(address.vault, category === 'shared' ? CATEGORIES : [category])
    const found = seen.get(wanted)
    if (found === undefined) throw new Refused(refusalOf(refuse.notPermitted))
    return found
  }

  /** A reader whose grant is over keeps neither its keys nor what its lists showed. */
  const whileGranted = async <T>(vault: Vault, work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      const isOver = error instanceof Refused && OVER.has(error.refusal.kind)
      if (isOver && vault.of === 'grant') {
        keyRing.forgetGrant(idOf(vault.grantId))
        for (const kept of [seen, openedFiles])
          for (const address of kept.keys()) if (address.startsWith(`${vault.grantId} `)) kept.delete(address)
      }
      throw error
    }
  }

  const findSummary = async (address: Parameters<OpenInto>[0]) => {
    const listed = await find(address, address.category)
    const own = address.vault.of === 'me' ? categoriesOf(await account()) : new Map<string, Category>()
    return { listed, summary: summaryOf(address.vault, listed, own) }
  }

  const openInto: OpenInto = async (address, sink, progress, signal) => {
    const { listed, summary } = await findSummary(address)
    return openRecord({ canisters, keyRing, listed, summary, sink, progress, signal })
  }

  /** Wraps chosen records of one's own under the key of a share compartment (decision 28). */
  const fillShare = async (
    grantId: Uint8Array,
    records: readonly { recordId: string; version: number }[],
    progress?: Progress,
  ): Promise<void> => {
    const { patientId } = await account()
    const target = { patientId, compartment: { compartmentKind: COMPARTMENT_KIND.share, cid: grantId }, grantId: null }
    for (const { recordId, version } of records) await find({ vault: { of: 'me' }, recordId, version }, 'shared')
    // A public-key operation: nobody derives the share's key to fill it (keys.md, section 11).
    let { capsule, chain } = await newCapsule(keyRing.publicKey, epochOf(target, 1))
    const wraps = []
    for (const { recordId, version } of records) {
      const listed = await find({ vault: { of: 'me' }, recordId, version }, 'shared')
      const { openWrap, capsules } = await releaseWrap(canisters, listed)
      const { manifest, place } = soundHead(listed)
      const { key: to, chain: next } = await nextStep(chain)
      chain = next
      const wrapFrom = (from: WrapKeys) => rewrapRecord({ from, to, place, manifest, openWrap })
      const made = await withWrapKeys({ canisters, keyRing, capsules }, listed.reach, openWrap, wrapFrom)
      wraps.push({ recordId: listed.row.recordId, version, ...made })
      progress?.({ step: 'sharing', doneRecords: wraps.length, totalRecords: records.length })
    }
    for (let i = 0; i < wraps.length; i += SHARE_WRAPS_PER_CALL_MAX) {
      const some = wraps.slice(i, i + SHARE_WRAPS_PER_CALL_MAX)
      okOf(await canisters.records.putShareWraps({ grantId, wraps: some, capsule: [capsule], requestId: newId() }))
      held.delete(toHex(grantId))
    }
  }

  const within = async (range: ShareRange) =>
    (await list({ of: 'me' }, range.categories)).filter((record) => isWithin(record, range))
  const searching = createSearching({
    session,
    memory: actsFor === null ? (options.searchMemory ?? null) : null,
    list: (vault, categories) => list(vault, categories),
  })
  const books = createOwnBooks(session, options.noticeMemory ?? null)
  const following = createFollowing({ session, watch, list, fillShare })
  /** For a new share: the records with the notes to them, of which it takes in those of its categories. */
  const fillNew: FillShare = async (grantId, records, { categories, progress }) => {
    const own = categoriesOf(await account())
    const mine = [...seen].flatMap(([address, listed]) =>
      address.startsWith('me ') && listed.head !== null ? [summaryOf({ of: 'me' }, listed, own)] : [],
    )
    return following.fillShare(grantId, withNotes(records, mine, categories), progress)
  }
  const open = async (address: RecordAddress, progress?: Progress): Promise<OpenedRecord> => {
    const pieces: Uint8Array[] = []
    const sink = { write: async (piece: Uint8Array) => void pieces.push(piece) }
    const opened = await whileGranted(address.vault, () => openInto(address, sink, progress))
    const [bytes, listed] = [concatBytes(...pieces), seen.get(addressOf(address))]
    if (address.vault.of === 'me' && listed !== undefined)
      await searching.learn(opened.summary, listed.reach.compartment.cid, bytes)
    return { ...opened, bytes }
  }
  const add = createAdd({ session, underWay, watch, following, searching })
  const { isOffline = () => false, deviceMemory = null } = options
  const own = actsFor === null ? deviceMemory : null
  const ownOf = (category: Category) => list({ of: 'me' }, [category])
  const addOnce = createAddOnce({ add, ownOf })
  const offline = createOffline({ session, memory: own, isOffline, open, addOnce })
  const erased = async () => void (await Promise.all([searching.erased(), books.erased(), own?.clear()]))
  const deleted = async (id: string) =>
    void (await Promise.all([searching.deleted(id), offline.forget(id), books.forget(id)]))
  const parts = { session, seen, watch, underWay, list, find, openInto, following, books }
  const recordsPart = createRecordsPart({ ...parts, searching: { ...searching, erased, deleted } })

  const depositing = createDeposit(session, underWay)

  const client: Omit<
    MedGuardClient,
    keyof RulesMethods | keyof TrustMethods | keyof AuthorMethods | keyof FhirPart | 'keepUp'
  > = {
    ...recordsPart,
    ...fileMethods({ session, opened: openedFiles, find: findSummary, whileGranted, orKept: offline.orKept }),
    search: (words) => searching.search(words),
    ...books.methods,
    ...offline.methods,
    ...createRewrap(session),
    ...depositing,
    ...alertsPart(session, { add, depositing }),
    ...linksPart(session, { open, summary: (of, progress) => summaryBytes(whole, of, { progress }) }),
    ...devicesPart(session, {
      ownOf: (categories) => list({ of: 'me' }, categories),
      open,
      add,
      amend: (...args) => recordsPart.amend(...args),
      deleteRecord: (...args) => recordsPart.deleteRecord(...args),
    }),
    principal: identity.getPrincipal().toText(),

    account: () =>
      unlocked(async () => {
        const found = await session.freshlyEnrolled()
        return found === null ? null : infoOf(identity, found)
      }),

    enrol: () =>
      unlocked(async () => {
        if (actsFor !== null) return infoOf(identity, await account())
        // Both repeatable: consent gives the same ids again, records takes the same ids again.
        const opened = okOf(await canisters.consent.enrol({ requestId: newId() }))
        const compartments = opened.compartments.map(({ category, cid }) => ({ category, cid }))
        okOf(await canisters.records.enrol({ patientId: opened.patientId, compartments, requestId: newId() }))
        session.remember(opened)
        return infoOf(identity, opened)
      }),

    add: (record, progress, signal) => unlocked(() => add(record, { progress, signal })),
    addOnce: (id, record, progress, signal) => unlocked(() => addOnce(idOf(id), record, { progress, signal })),

    list: (vault, categories = CATEGORIES, progress) =>
      unlocked(() => whileGranted(vault, () => list(vault, categories, progress, true))),

    open: (address, progress) =>
      unlocked(() =>
        offline.orKept(
          address,
          () => open(address, progress),
          (kept) => kept,
        ),
      ),

    openInto: (address, sink, progress, signal) =>
      unlocked(() => whileGranted(address.vault, () => openInto(address, sink, progress, signal))),

    ...sharingMethods({ session, following, fill: fillNew, within, held, lists }),
    ...logMethods(session),
    ...peopleMethodsOf(session),
    ...recoveryMethodsOf(session),
    actingFor: (patientId) => createClient({ ...options, headMemory, actsFor: patientId, authors }),

    changes: async () => okOf(await canisters.consent.changes(null)),
    hosting: () => unlocked(() => canisters.hosting()),
    hasGrown: (vault) => unlocked(() => watch.hasGrown(vault)),
    ...createNews({ session, watch, seen }),

    lock: () => session.lock(),
  }
  const fillShares = () => unlocked(async () => ((await session.enrolled()) === null ? 0 : following.catchUp()))
  const whole: MedGuardClient = {
    ...client,
    ...createKeepUp(session, { rewrap: () => client.rewrap(), fillShares }),
    ...rulesMethods(session, client),
    ...audienceMethods(session),
    ...trustMethods(session),
    ...authorMethods(session),
    ...fhirPart(session, () => whole),
    fillShares,
  }
  return actsFor === null ? whole : withoutOneself(whole)
}

const infoOf = (identity: Identity, account: Account): AccountInfo => ({
  principal: identity.getPrincipal().toText(),
  patientId: toHex(account.patientId),
  enrolledNs: account.enrolledNs,
})

import { COMPARTMENT_KIND, NS_PER_MS, toHex } from '@medguard/protocol'
import type { NewShare, Progress, RecordSummary, Share, ShareRange, SharingMethods } from './api.ts'
import { changeShare } from './changing.ts'
import type { Following, RecordVersionRef } from './following.ts'
import { certifiedRows } from './listing.ts'
import { idOf } from './outcome.ts'
import type { Session } from './session.ts'
import type { VaultLists } from './vault-lists.ts'
import { linked } from './share-chain.ts'
import { givenInConsent, givenOf, givenPairs, givenShares, isRunning, receivedShare } from './share-list.ts'
import { type BegunShares, type FillShare, finishHalves, revoke, share } from './share.ts'

const nowNs = (): bigint => BigInt(Date.now()) * NS_PER_MS

/** Giving, changing, ending and listing shares. */
export function sharingMethods(from: {
  readonly session: Session
  readonly following: Following
  readonly fill: FillShare
  readonly within: (range: ShareRange) => Promise<readonly RecordSummary[]>
  /** What shares by record were seen to hold, by grant id; forgotten where something is put in. */
  readonly held: Map<string, Promise<readonly RecordVersionRef[]>>
  readonly lists: Pick<VaultLists, 'received'>
}): SharingMethods {
  const { session, following, fill, within, held, lists } = from
  const { canisters, unlocked, account } = session
  const begun: BegunShares = new Map()
  session.onLock(() => {
    begun.clear()
    held.clear()
  })

  const give = async (wanted: NewShare, progress: Progress | undefined, inPlaceOf?: string): Promise<Share> => {
    following.forgetShares()
    const place = inPlaceOf === undefined ? {} : { inPlaceOf }
    return share({ canisters, account: await account(), wanted, begun, fill, within, progress, ...place })
  }

  const recordsIn = async (grantId: string): Promise<readonly RecordVersionRef[]> => {
    const { patientId } = await account()
    const cid = idOf(grantId)
    const compartment = { compartmentKind: COMPARTMENT_KIND.share, cid }
    const rows = await certifiedRows(canisters, { patientId: new Uint8Array(patientId), compartment, grantId: null })
    const newest = new Map<string, number>()
    for (const row of rows) {
      if ('deletedNs' in row) continue
      const id = toHex(row.recordId)
      newest.set(id, Math.max(newest.get(id) ?? 0, row.version))
    }
    return Array.from(newest, ([recordId, version]) => ({ recordId, version }))
  }
  const heldBy = (grantId: string): Promise<readonly RecordVersionRef[]> => {
    const known = held.get(grantId) ?? recordsIn(grantId)
    held.set(grantId, known)
    known.catch(() => held.delete(grantId))
    return known
  }

  /** What a share stands in place of and should have ended before it. Consent is asked alone: it decides, and the records may be out of reach. */
  const endBefore = async (grantId: string): Promise<void> => {
    const owner = await session.enrolled()
    const shares = owner === null ? [] : await givenInConsent(canisters, nowNs(), owner.patientId)
    let ended = shares.find((each) => each.grantId === grantId)
    for (let steps = 0; ended?.inPlaceOf !== undefined && steps < shares.length; steps++) {
      const before = ended.inPlaceOf
      ended = shares.find((each) => each.grantId === before)
      if (ended !== undefined && isRunning(ended)) await revoke(canisters, before)
    }
  }

  return {
    share: (wanted, progress) =>
      unlocked(async () => {
        progress?.({ step: 'asking' })
        return give(wanted, progress)
      }),

    changeShare: (grantId, change, progress) =>
      unlocked(async () => {
        progress?.({ step: 'asking' })
        const patientId = new Uint8Array((await account()).patientId)
        return changeShare(
          {
            canisters,
            given: async () => givenOf(await givenPairs(canisters, patientId), nowNs()),
            give: (wanted, inPlaceOf) => give(wanted, progress, inPlaceOf),
            recordsIn,
            onEnding: () => progress?.({ step: 'ending' }),
            nowNs: nowNs(),
          },
          grantId,
          change,
        )
      }),

    revoke: (grantId) =>
      unlocked(async () => {
        const ended = await revoke(canisters, grantId)
        await endBefore(grantId)
        return ended
      }),

    recordsInShare: (grantId) => unlocked(() => heldBy(grantId)),

    sharesGiven: () =>
      unlocked(async () => {
        const owner = await session.enrolled()
        return owner === null ? [] : givenShares(canisters, nowNs(), owner.patientId)
      }),

    sharesReceived: () =>
      unlocked(async () => {
        if ((await session.enrolled()) === null) return []
        return linked(
          (await lists.received()).map((grant) => receivedShare(grant, nowNs())),
          () => true,
        )
      }),

    finishShares: ({ sparesRecent = false } = {}) =>
      unlocked(async () => {
        const owner = await session.enrolled()
        return owner === null ? [] : finishHalves(canisters, nowNs(), begun, owner.patientId, sparesRecent)
      }),
  }
}

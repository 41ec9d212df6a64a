import {
  type AudienceMember,
  COMPARTMENT_KIND,
  categoryNumber,
  orgIdOf,
  refusalOf,
  refuse,
  RIGHT,
  type Right,
  toHex,
} from '@medguard/protocol'
import { Fault } from './api.ts'
import { idOf, okOf, Refused } from './outcome.ts'
import { optionOf } from './place.ts'
import type { Reader, RulesMethods } from './rules-api.ts'
import type { Session } from './session.ts'

const PAGE = 50
/** Of grants and of members of one organisation: no honest canister has more. */
const CANDIDATES_MAX = 100_000

/** Who can open a record: whoever can open its own compartment, or a share that holds it. */
export function audienceMethods(session: Session): Pick<RulesMethods, 'whoCanOpen'> {
  const { canisters, unlocked, actsFor } = session
  const patientId = optionOf(actsFor)

  const readersOf = async (place: { compartmentKind: number; cid: Uint8Array }): Promise<Reader[]> => {
    const readers: Reader[] = []
    const page = async (grantId: [] | [Uint8Array], from: number) => {
      const found = okOf(await canisters.consent.audience({ ...place, patientId, grantId, from, count: PAGE }))
      if (found.total > CANDIDATES_MAX) throw new Fault('ListIncomplete', 'more people than there can be')
      return found
    }
    for (let from = 0, total = 1; from < total; from += PAGE) {
      const found = await page([], from)
      total = found.total
      readers.push(...found.members.map((member) => readerOf(member, null)))
      for (const { grantId, organisation } of found.organisations)
        for (let at = 0, count = 1; at < count; at += PAGE) {
          const members = await page([grantId], at)
          count = members.total
          const orgId = orgIdOf(organisation.toUint8Array())
          readers.push(...members.members.map((member) => readerOf(member, orgId)))
        }
    }
    return readers
  }

  return {
    whoCanOpen: ({ recordId, version, category }) =>
      unlocked(async () => {
        const account = await session.account()
        const home = account.compartments.find((each) => each.category === categoryNumber(category))
        if (home === undefined) throw new Refused(refusalOf(refuse.badInput('category', 'unknown')))
        const shares = okOf(await canisters.records.sharesHolding({ patientId, recordId: idOf(recordId), version }))
        const places = [
          { compartmentKind: COMPARTMENT_KIND.category, cid: new Uint8Array(home.cid) },
          ...shares.map((cid) => ({ compartmentKind: COMPARTMENT_KIND.share, cid: new Uint8Array(cid) })),
        ]
        const readers = new Map<string, Reader>()
        for (const place of places)
          for (const reader of await readersOf(place)) readers.set(`${reader.principal} ${reader.grantId}`, reader)
        return [...readers.values()]
      }),
  }
}

function readerOf({ principal, grantId, rights }: AudienceMember, orgId: Uint8Array | null): Reader {
  return {
    principal: principal.toText(),
    grantId: grantId[0] === undefined ? null : toHex(grantId[0]),
    organisation: orgId === null ? null : toHex(orgId),
    rights: (Object.keys(RIGHT) as Right[]).filter((right) => (rights & RIGHT[right]) !== 0),
  }
}

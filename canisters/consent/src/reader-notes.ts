import {
  decodeFields,
  encodeFields,
  EVENT,
  eventName,
  ID_BYTES,
  orgIdInDetail,
  ORG_PAGE_MAX,
  orgIdOf,
  ROLE,
} from '@medguard/protocol'
import {
  assert,
  bytes,
  createOutbox,
  createQueue,
  type LeafDraft,
  memberLeaf,
  type Outbox,
  type OutboxOptions,
  rowOf,
  type Rows,
  section,
  u32,
  u8,
} from '@medguard/shared'
import type { ConsentStore } from './store.ts'

const SIGN_INS: ReadonlySet<number> = new Set([EVENT.principalLinked, EVENT.principalUnlinked, EVENT.recoveryDone])
const MEMBERS: ReadonlySet<number> = new Set([
  EVENT.organisationRegistered,
  EVENT.memberAdded,
  EVENT.memberChanged,
  EVENT.memberRemoved,
])
const ROUND = rowOf(1, { shard: u8, orgId: bytes(ID_BYTES), from: u32 })
const STREAMS = 0 // shard u8 -> its stream
const INTRODUCED = 1 // organisation id -> n × shard u8
const LEFT = 2 // queue of shard u8 || organisation id || from u32: whose other readers a shard is still to be told of
const NOBODY = new Uint8Array(0)
const NO_ID = new Uint8Array(ID_BYTES)
/** Members that are looked at in one message (I34): an organisation may have had many more. */
const MEMBERS_AT_ONCE = ORG_PAGE_MAX

export interface ReaderNotesOptions extends Pick<OutboxOptions, 'source' | 'nowNs' | 'schedule'> {
  readonly rows: Rows
  readonly store: Pick<ConsentStore, 'people' | 'trust' | 'heldAccount' | 'anyAccount'>
  readonly shardCount: () => number
  /** By `noteReaders`. */
  readonly sendTo: (shard: number) => OutboxOptions['send']
}

/**
 * Who reads a shard of the log follows from lines of which another shard may have some: which sign-ins a carer has, and who reads for an organisation. Those get copies
 * as notes, in a numbered stream of their own, which carry no patient. A shard learns
 *
 * - of every sign-in that comes or goes, as it does, and of all that a carer has or had when one of its patients names them,
 * - of an organisation's readers when the first line about one of its patients is about that organisation, and from then on as they change. Of those beyond the first
 *   page of members it learns in messages of their own.
 *
 * So a shard that is opened later needs nothing told of before: it has no patient then.
 */
export function createReaderNotes({ rows, store, shardCount, sendTo, ...rest }: ReaderNotesOptions) {
  const { people, trust } = store
  const introduced = section(rows, INTRODUCED)
  const left = createQueue(section(rows, LEFT))
  const streams: Outbox[] = []
  const stream = (shard: number): Outbox =>
    (streams[shard] ??= createOutbox({ ...rest, rows: section(section(rows, STREAMS), shard), send: sendTo(shard) }))
  const shardsOf = (orgId: Uint8Array): readonly number[] => [...(introduced.get(orgId) ?? NOBODY)]
  const noteSignIn = (shard: number, event: number, accountId: Uint8Array, principal: Uint8Array) =>
    stream(shard).queue({ event, actor: NOBODY, fields: encodeFields('principalLinked', { accountId, principal }) })

  const noteCarer = (shard: number, principal: Uint8Array): void => {
    const home = people.homeOf(principal)
    const account = home === undefined ? undefined : store.anyAccount(home)
    if (account === undefined) return
    for (const each of people.circle(account.patientId))
      noteSignIn(
        shard,
        each.isActive ? EVENT.principalLinked : EVENT.principalUnlinked,
        account.accountId,
        each.principal,
      )
  }
  /** A sign-in that was shut out reads nothing for an organisation either, whatever names it. */
  const noteMember = (shard: number, leaf: LeafDraft, principal: Uint8Array): void => {
    stream(shard).queue(leaf)
    if (people.isTaken(principal) && store.heldAccount(principal) === undefined)
      noteSignIn(shard, EVENT.principalUnlinked, NO_ID, principal)
  }
  const introduce = (shard: number, orgId: Uint8Array): void => {
    const known = shardsOf(orgId)
    if (known.includes(shard)) return
    introduced.set(orgId, Uint8Array.from([...known, shard]))
    noteMembers(shard, orgId, 0)
    if (trust.membersEver(orgId) <= MEMBERS_AT_ONCE) return
    left.push(ROUND.encode({ shard, orgId, from: MEMBERS_AT_ONCE }))
    goOn()
  }
  /** As they are now: whoever changes meanwhile is told of as it happens. */
  const noteMembers = (shard: number, orgId: Uint8Array, from: number): void => {
    for (const principal of trust.membersPage(orgId, from, MEMBERS_AT_ONCE).principals) {
      const member = trust.member(orgId, principal)
      if (member === undefined || (member.roles & ROLE.administrator) === 0) continue
      const of = { orgId, principal, actor: NOBODY, requestId: NO_ID }
      noteMember(shard, memberLeaf('memberChanged', of, member), principal)
    }
  }
  const goOn = (): void =>
    rest.schedule(0, async () => {
      const row = left.first()
      if (row === undefined) return
      const round = ROUND.decode(row)
      assert(round !== null, 'a stored row decodes')
      const { shard, orgId, from } = round
      const next = from + MEMBERS_AT_ONCE
      if (next < trust.membersEver(orgId)) left.replaceFirst(ROUND.encode({ shard, orgId, from: next }))
      else left.shift()
      noteMembers(shard, orgId, from)
      if (left.length() > 0) goOn()
    })

  return {
    /** @param shard which has the line itself. */
    note({ event, fields }: LeafDraft, shard: number): void {
      if (SIGN_INS.has(event)) {
        for (let other = 0; other <= shardCount(); other++)
          if (other !== shard) stream(other).queue({ event, actor: NOBODY, fields })
      } else if (MEMBERS.has(event)) {
        const { orgId = NO_ID, principal = NOBODY } = decodeFields('memberChanged', fields)
        for (const other of shardsOf(orgId))
          noteMember(other, { event, actor: NOBODY, objectId: orgId, fields }, principal)
      } else if (event === EVENT.representativeChanged) {
        const { principal = NOBODY, powers = 0 } = decodeFields('representativeChanged', fields)
        if (powers !== 0) noteCarer(shard, principal)
      } else if (shard > 0) {
        const name = eventName(event)
        const grantee = event === EVENT.grant ? decodeFields('grant', fields).grantee : undefined
        const orgId = grantee === undefined ? name && orgIdInDetail(name, fields) : orgIdOf(grantee)
        if (orgId !== null) introduce(shard, orgId)
      }
    },
    /** After an upgrade, which drops all timers. */
    resume(): void {
      if (shardCount() === 0) return
      for (let shard = 0; shard <= shardCount(); shard++) rest.schedule(0, () => stream(shard).flush())
      if (left.length() > 0) goOn()
    },
  }
}
export type ReaderNotes = ReturnType<typeof createReaderNotes>

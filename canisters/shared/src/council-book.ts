import {
  ByteReader,
  ByteWriter,
  COUNCIL_ACT_OPEN_NS,
  COUNCIL_ACTS_OPEN_PER_MEMBER_MAX,
  type CouncilShape,
  equalBytes,
} from '@medguard/protocol'
import { assert } from './assert.ts'
import { samePrincipal } from './decision.ts'
import { type Rows, section } from './maps.ts'
import { principalsSize, readPrincipals, writePrincipals } from './trust-rows.ts'

const LAYOUT = 1
/** The row of a section that is about no one in particular. */
const ALL = new Uint8Array(0)

export interface StoredAct {
  readonly isDone: boolean
  readonly openedNs: bigint
  /** Who brought it, first; then everybody else who voted, each once. */
  readonly votes: readonly Uint8Array[]
  /** Of `encodeAct`. */
  readonly act: Uint8Array
}
interface Open {
  readonly actId: Uint8Array
  readonly proposer: Uint8Array
  readonly expiresNs: bigint
}

/** One canister's copy of who is on the council, what it decided, and what it is voting on. */
export function createCouncilBook(rows: Rows) {
  const councilRow = section(rows, 0) // 1 || threshold u8 || members
  const policyRow = section(rows, 1) // 1 || invitation required u8
  const acts = section(rows, 2) // act id -> StoredAct
  const openRow = section(rows, 3) // those that may still be voted on
  /** As the row has it, which nobody else writes; a trap undoes both. */
  let known: CouncilShape | null | undefined

  const book = {
    /** Null where there is none: then nobody is verified, and nobody has to be. */
    council(): CouncilShape | null {
      if (known === undefined) known = readCouncil(councilRow.get(ALL))
      return known
    },
    setCouncil(council: CouncilShape): void {
      const { members, threshold } = council
      const writer = new ByteWriter(2 + principalsSize(members)).u8(LAYOUT).u8(threshold)
      councilRow.set(ALL, writePrincipals(writer, members).done())
      known = council
    },
    isMember: (principal: Uint8Array): boolean =>
      book.council()?.members.some((member) => samePrincipal(member, principal)) === true,

    isInvitationRequired: (): boolean => policyRow.get(ALL)?.[1] === 1,
    setInvitationRequired: (isRequired: boolean): void => policyRow.set(ALL, Uint8Array.of(LAYOUT, isRequired ? 1 : 0)),

    /** What was done stays; what expired is nothing any more. */
    act(actId: Uint8Array, nowNs: bigint): StoredAct | null {
      const row = acts.get(actId)
      const act = row === undefined ? null : readAct(row)
      return act === null || act.isDone || nowNs < act.openedNs + COUNCIL_ACT_OPEN_NS ? act : null
    },
    openActs: (nowNs: bigint): Open[] => readOpen(openRow.get(ALL)).filter(({ expiresNs }) => nowNs < expiresNs),
    /** @returns false when this member has as many open as one may have. */
    open(actId: Uint8Array, act: Uint8Array, proposer: Uint8Array, nowNs: bigint): boolean {
      const all = readOpen(openRow.get(ALL))
      const open = all.filter(({ expiresNs }) => nowNs < expiresNs)
      const own = open.filter((each) => samePrincipal(each.proposer, proposer))
      if (own.length >= COUNCIL_ACTS_OPEN_PER_MEMBER_MAX) return false
      for (const gone of all) if (!open.includes(gone)) acts.delete(gone.actId)
      acts.set(actId, writeAct({ isDone: false, openedNs: nowNs, votes: [proposer], act }))
      openRow.set(ALL, writeOpen([...open, { actId, proposer, expiresNs: nowNs + COUNCIL_ACT_OPEN_NS }]))
      return true
    },
    setAct(actId: Uint8Array, act: StoredAct): void {
      acts.set(actId, writeAct(act))
      if (!act.isDone) return
      openRow.set(ALL, writeOpen(readOpen(openRow.get(ALL)).filter((each) => !equalBytes(each.actId, actId))))
    },
  }
  return book
}
export type CouncilBook = ReturnType<typeof createCouncilBook>

function readCouncil(row: Uint8Array | undefined): CouncilShape | null {
  if (row === undefined) return null
  const reader = new ByteReader(row)
  const layout = reader.u8()
  const threshold = reader.u8()
  const members = readPrincipals(reader)
  assert(layout === LAYOUT && reader.atEnd(), 'a stored council decodes')
  return { members, threshold }
}

function writeAct({ isDone, openedNs, votes, act }: StoredAct): Uint8Array {
  const writer = new ByteWriter(10 + principalsSize(votes) + act.length).u8(LAYOUT).u8(isDone ? 1 : 0)
  return writePrincipals(writer.u64(openedNs), votes).raw(act).done()
}
function readAct(row: Uint8Array): StoredAct {
  const reader = new ByteReader(row)
  const layout = reader.u8()
  const isDone = reader.u8() === 1
  const openedNs = reader.u64()
  const votes = readPrincipals(reader)
  assert(layout === LAYOUT && reader.ok, 'a stored act decodes')
  return { isDone, openedNs, votes, act: row.subarray(reader.offset) }
}

const OPEN_BYTES = 16 + 30 + 8
function writeOpen(open: readonly Open[]): Uint8Array {
  const writer = new ByteWriter(1 + OPEN_BYTES * open.length).u8(LAYOUT)
  for (const { actId, proposer, expiresNs } of open) {
    const padded = new Uint8Array(29)
    padded.set(proposer)
    writer.raw(actId).u8(proposer.length).raw(padded).u64(expiresNs)
  }
  return writer.done()
}
function readOpen(row: Uint8Array | undefined): Open[] {
  const open: Open[] = []
  if (row === undefined) return open
  const reader = new ByteReader(row)
  assert(reader.u8() === LAYOUT, 'stored open acts decode')
  while (reader.offset < row.length) {
    const actId = reader.raw(16)
    const length = reader.u8()
    open.push({ actId, proposer: reader.raw(29).subarray(0, length), expiresNs: reader.u64() })
  }
  assert(reader.atEnd(), 'stored open acts decode')
  return open
}

import { decodeWrap } from '@medguard/crypto/verify'
import { ByteReader, ByteWriter } from '@medguard/protocol'
import { assert, numberedSection, type Rows, section } from '@medguard/shared'
import { type Place, placeKey, type Wraps } from './lists.ts'

/** Which epochs the wraps of a category are under, and what is left to be done about those that nobody may derive much longer (keys.md, section 9). */

export interface KeyState {
  /** Nothing is stored under an epoch below it. */
  readonly floor: number
  /** How many positions, from 0 on, `byEpoch` has counted: lists of an earlier version are counted when somebody asks. */
  readonly counted: number
  /** Below this position no former wraps are left that a retirement has to remove. */
  readonly cleaned: number
  /** How many of the counted are under a capsule. */
  readonly underCapsules: number
  /** How many were wrapped anew by others, under a grant, since the list began: the owner looks them over before old wraps go. */
  readonly byOthers: number
  /** How many of the counted are under which epoch; none of 0. */
  readonly byEpoch: ReadonlyMap<number, number>
}
export const NEW_KEY_STATE: KeyState = {
  floor: 1,
  counted: 0,
  cleaned: 0,
  underCapsules: 0,
  byOthers: 0,
  byEpoch: new Map(),
}

const LAYOUT = 1
/** Of a key state with `byOthers`: written only where there are some, so that the module before reads all others. */
const LAYOUT_WITH_OTHERS = 2
/** Of former wraps that `restoreWraps` took out of use: whatever comes next may take their place. */
const SET_ASIDE = 2
const FIXED_BYTES = 1 + 4 + 4 + 4 + 4

/** `layout || floor u32 || counted u32 || cleaned u32 || under capsules u32 || in layout 2 by others u32 || n × (epoch u32 || count u32)`. */
export function encodeKeyState({ floor, counted, cleaned, underCapsules, byOthers, byEpoch }: KeyState): Uint8Array {
  const writer = new ByteWriter(FIXED_BYTES + (byOthers > 0 ? 4 : 0) + 8 * byEpoch.size)
  writer.u8(byOthers > 0 ? LAYOUT_WITH_OTHERS : LAYOUT)
  writer.u32(floor).u32(counted).u32(cleaned).u32(underCapsules)
  if (byOthers > 0) writer.u32(byOthers)
  for (const [epoch, count] of byEpoch) writer.u32(epoch).u32(count)
  return writer.done()
}

/** @returns null for bytes that `encodeKeyState` never writes. */
export function decodeKeyState(row: Uint8Array): KeyState | null {
  const hasOthers = row[0] === LAYOUT_WITH_OTHERS
  const fixedBytes = hasOthers ? FIXED_BYTES + 4 : FIXED_BYTES
  if ((!hasOthers && row[0] !== LAYOUT) || row.length < fixedBytes || (row.length - fixedBytes) % 8 !== 0) return null
  const reader = new ByteReader(row)
  reader.u8()
  const [floor, counted, cleaned, underCapsules] = [reader.u32(), reader.u32(), reader.u32(), reader.u32()]
  const byOthers = hasOthers ? reader.u32() : 0
  if (hasOthers && byOthers === 0) return null
  const byEpoch = new Map<number, number>()
  while (reader.offset < row.length) {
    const epoch = reader.u32()
    const count = reader.u32()
    if (count === 0 || byEpoch.has(epoch)) return null
    byEpoch.set(epoch, count)
  }
  return { floor, counted, cleaned, underCapsules, byOthers, byEpoch }
}

/** What the wraps of a position were before. */
export interface Former extends Wraps {
  /** They did not open: they are kept until others come, and never put back. */
  readonly isSetAside: boolean
}

/** One wrapped version, as counting sees it. */
export interface Counted {
  readonly epoch: number
  readonly isUnderCapsule: boolean
}

export function countedOf(wrap: Uint8Array): Counted {
  const head = decodeWrap(wrap)
  assert(head.ok, 'a stored wrap decodes')
  return { epoch: head.value.epoch, isUnderCapsule: head.value.capsule !== null }
}

/** The counts after some wraps came and others went. @param went of positions that are counted. */
export function recounted(
  state: KeyState,
  change: { readonly came?: readonly Counted[]; readonly went?: readonly Counted[] },
): Pick<KeyState, 'byEpoch' | 'underCapsules'> {
  const byEpoch = new Map(state.byEpoch)
  let { underCapsules } = state
  const add = (items: readonly Counted[], one: 1 | -1) => {
    for (const { epoch, isUnderCapsule } of items) {
      const count = (byEpoch.get(epoch) ?? 0) + one
      assert(count >= 0, 'what went was counted')
      if (count === 0) byEpoch.delete(epoch)
      else byEpoch.set(epoch, count)
      if (isUnderCapsule) underCapsules += one
    }
  }
  add(change.came ?? [], 1)
  add(change.went ?? [], -1)
  return { byEpoch, underCapsules }
}

/** The oldest epoch in use, or null for a list that is empty. */
export function oldestEpoch({ byEpoch }: KeyState): number | null {
  let oldest: number | null = null
  for (const epoch of byEpoch.keys()) if (oldest === null || epoch < oldest) oldest = epoch
  return oldest
}

/**
 * @param gone is told of each wrap that is in neither place any more.
 * @param rows 0: place -> `KeyState`. 1: place || seq(4) -> what the wraps of that position were before, `1, or 2
 * when set aside || length of the open wrap u8 || both`.
 */
export function createKeyStates(rows: Rows, gone: (place: Place, openWrap: Uint8Array) => void) {
  const states = section(rows, 0)
  const formers = numberedSection(rows, 1)
  const book = {
    of(place: Place): KeyState {
      const row = states.get(placeKey(place))
      if (row === undefined) return NEW_KEY_STATE
      const state = decodeKeyState(row)
      assert(state !== null, 'a stored key state decodes')
      return state
    },
    set: (place: Place, state: KeyState): void => states.set(placeKey(place), encodeKeyState(state)),
    /** The wraps that a rewrap replaced, or undefined. */
    former(place: Place, seq: number): Former | undefined {
      const row = formers.get(placeKey(place), seq)
      if (row === undefined) return undefined
      const openBytes = row[1] ?? 0
      const isSetAside = row[0] === SET_ASIDE
      assert((isSetAside || row[0] === LAYOUT) && row.length > 2 + openBytes, 'stored former wraps decode')
      return { openWrap: row.slice(2, 2 + openBytes), listWrap: row.slice(2 + openBytes), isSetAside }
    },
    setFormer(place: Place, seq: number, { openWrap, listWrap, isSetAside }: Former): void {
      const writer = new ByteWriter(2 + openWrap.length + listWrap.length).u8(isSetAside ? SET_ASIDE : LAYOUT)
      formers.set(placeKey(place), seq, writer.u8(openWrap.length).raw(openWrap).raw(listWrap).done())
    },
    /** Wraps that were replaced and are kept nowhere. */
    drop: (place: Place, openWrap: Uint8Array): void => gone(place, openWrap),
    /** A version goes from its list: it is counted no more, and nothing stays of the wraps it had before the last rewrap. */
    forget(place: Place, seq: number, openWrap: Uint8Array): void {
      const former = book.former(place, seq)
      if (former !== undefined) book.removeFormer(place, seq, former)
      const state = book.of(place)
      if (seq < state.counted) book.set(place, { ...state, ...recounted(state, { went: [countedOf(openWrap)] }) })
      gone(place, openWrap)
    },
    /** Of a list that is erased. */
    end: (place: Place): void => states.delete(placeKey(place)),
    /** Overwritten before it goes: freed memory keeps its bytes (keys.md, section 17). */
    removeFormer(place: Place, seq: number, { openWrap, listWrap }: Wraps): void {
      formers.set(placeKey(place), seq, new Uint8Array(2 + openWrap.length + listWrap.length))
      formers.delete(placeKey(place), seq)
      gone(place, openWrap)
    },
  }
  return book
}
export type KeyStates = ReturnType<typeof createKeyStates>

/** A version was added. Lists of an earlier version, which are not counted to their end, go on being counted when somebody rewraps. */
export function noteAdded(
  states: ReturnType<typeof createKeyStates>,
  place: Place,
  state: KeyState,
  added: Counted & { readonly seq: number },
): void {
  if (state.counted !== added.seq) return
  const counted = added.seq + 1
  const cleaned = state.cleaned === added.seq ? counted : state.cleaned
  states.set(place, { ...state, counted, cleaned, ...recounted(state, { came: [added] }) })
}

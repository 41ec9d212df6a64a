import { ByteReader } from '@medguard/protocol'
import { assert, type Rows, section } from '@medguard/shared'
import { type Fold, LEAF_BYTES, openTileTree, TREE_HEAD_BYTES } from '@medguard/tlog'
import { decodeState, encodeChainEnd, LAYOUT, type LogState, type SourceState } from './codec.ts'
import { countKey, createAuditStore, indexEntry, joined, ROWS } from './store.ts'

const NO_KEY = new Uint8Array(0)

/**
 * Brings the stored layout up to date in an upgrade, one step per layout, oldest first. Byte 0 of the state's row names the layout; a canister
 * without that row was never installed.
 *
 * @returns the log's state as it is then; null where there is none.
 * @throws Error for a layout that this module does not know, so that the upgrade does not happen.
 */
export function migrate(map: Rows, fold: Fold): LogState | null {
  const rows = section(map, ROWS.state)
  let row = rows.get(NO_KEY)
  if (row?.[0] === 1) {
    toLayout2(map, fold)
    row = rows.get(NO_KEY)
  }
  if (row === undefined) return null
  const state = decodeState(row)
  assert(state !== null, `the log has layout ${LAYOUT}`)
  return state
}

/** Sections of layout 1 that are no more. */
const OLD = { node: 2, chain: 3, chainLeaf: 4, actor: 5, actorLeaf: 6, source: 7, sourceLeaf: 8 } as const
/** `1 || leaf hash(32) || MGL1 || MGD1` */
const OLD_LEAF_AT = 33
const OLD_DETAIL_AT = OLD_LEAF_AT + LEAF_BYTES

/**
 * Layout 1, of First light, kept a row for every node of the tree and for every place of a leaf in the streams of its source, patient and
 * actor. This goes through all leaves, 4 M instructions each: 70,000 are as many as one upgrade can take. With more it runs into
 * the limit, which undoes it.
 */
function toLayout2(map: Rows, fold: Fold): void {
  const store = createAuditStore(map)
  const leaves = section(map, ROWS.leaf)
  const old = {
    node: section(map, OLD.node),
    chain: section(map, OLD.chain),
    chainLeaf: section(map, OLD.chainLeaf),
    actor: section(map, OLD.actor),
    actorLeaf: section(map, OLD.actorLeaf),
    source: section(map, OLD.source),
    sourceLeaf: section(map, OLD.sourceLeaf),
  }
  const reader = new ByteReader(section(map, ROWS.state).get(NO_KEY)?.subarray(1) ?? NO_KEY)
  const lastTimeNs = reader.u64()
  const configNode = reader.raw(32)
  const treeHead = reader.raw(TREE_HEAD_BYTES)
  const size = Number(reader.u64())
  assert(reader.ok, 'a state of layout 1 decodes')

  const counts = [0, 0, 0, 0]
  const sources = () => [sourceOf(1), sourceOf(2), sourceOf(3)] as const
  const sourceOf = (source: number): SourceState => ({ next: counts[source] ?? 0, isFrozen: isFrozen[source] ?? false })
  const isFrozen = [1, 2, 3].map((source) => old.source.get(Uint8Array.of(source))?.[9] === 1)
  isFrozen.unshift(false)

  const tree = openTileTree(fold, store, 0)
  for (let index = 0; index < size; index++) {
    const row = leaves.get(countKey(index))
    assert(row !== undefined && row[0] === 1, 'a log of layout 1 has every leaf below its size')
    const leafHash = row.slice(1, OLD_LEAF_AT)
    const leaf = row.slice(OLD_LEAF_AT, OLD_DETAIL_AT)
    const detail = row.slice(OLD_DETAIL_AT)
    const source = detail[5] ?? 0
    old.sourceLeaf.delete(joined(Uint8Array.of(source), countKey(counts[source] ?? 0)))
    counts[source] = (counts[source] ?? 0) + 1
    store.putLeaf(index, { leafHash, leaf, detail }, sources())
    tree.append(leafHash)
    for (let level = 1; (index + 1) % 2 ** level === 0; level++)
      old.node.delete(joined(Uint8Array.of(level), countKey((index + 1) / 2 ** level - 1)))

    const patientId = leaf.subarray(24, 40)
    if (patientId.some((byte) => byte !== 0)) {
      const chain = store.chain(patientId)
      if (chain.count === 0) {
        const row = old.chain.get(patientId)
        assert(row?.length === 41 || row?.length === 73, 'a chain of layout 1 decodes')
        chain.note = encodeChainEnd({
          lastLeafHash: row.slice(9, 41),
          auditKey: row.length === 41 ? null : row.slice(41),
        })
        old.chain.delete(patientId)
      }
      old.chainLeaf.delete(joined(patientId, countKey(chain.count)))
      chain.push(indexEntry(index))
      chain.save()
    }
    const actor = leaf.subarray(97, 97 + (leaf[96] ?? 0))
    if (actor.length > 0) {
      const named = store.actor(actor)
      if (named.count === 0) old.actor.delete(actor)
      old.actorLeaf.delete(joined(joined(Uint8Array.of(actor.length), actor), countKey(named.count)))
      named.push(indexEntry(index))
      named.save()
    }
  }
  for (const source of [1, 2, 3]) old.source.delete(Uint8Array.of(source))
  store.saveState({ lastTimeNs, configNode, treeHead, size, sources: sources() })
}

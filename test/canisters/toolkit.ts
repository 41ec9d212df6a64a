import { refuse } from '@medguard/protocol'
import { callThen, constant, createCanister, openMap, sha256 } from '@medguard/shared'
import { pingCall, toolkitEndpoints } from './toolkit-codecs.ts'
import { LIST_PAGE_MAX, ROW_ID_BYTES } from './toolkit-service.ts'
import { createToolkitStore, MEMORY } from './toolkit-store.ts'

const DIGEST_BYTES = 32
const WRAPPED_KEY_BYTES = 72
const store = createToolkitStore({ rows: openMap(MEMORY.rows), list: openMap(MEMORY.list) })

export default createCanister({
  service: toolkitEndpoints,
  anonymous: ['ping'],
  handlers: {
    ping: constant({ Ok: null }),

    put({ rowId, row }, caller) {
      if (rowId.length !== ROW_ID_BYTES) return { Err: refuse.badInput('rowId', 'length') }
      store.putRow(caller, rowId, row)
      return { Ok: null }
    },

    get({ rowId }, caller) {
      const row = store.row(caller, rowId)
      return row === undefined ? { Err: refuse.notPermitted } : { Ok: row }
    },

    append: ({ row }) => ({ Ok: store.addToList(row) }),

    list({ from, count }) {
      if (count > LIST_PAGE_MAX) return { Err: refuse.badInput('count', 'range') }
      return { Ok: store.listed(from, count) }
    },

    check(card) {
      if (card.endNs <= card.startNs) return { Err: refuse.badInput('endNs', 'order') }
      return { Ok: null }
    },

    addEntry(entry) {
      const { entryId, digest, wrappedKey } = entry
      if (entryId.length !== ROW_ID_BYTES) return { Err: refuse.badInput('entryId', 'length') }
      if (digest.length !== DIGEST_BYTES) return { Err: refuse.badInput('digest', 'length') }
      if (wrappedKey.length !== WRAPPED_KEY_BYTES) return { Err: refuse.badInput('wrappedKey', 'length') }
      return { Ok: store.addEntry(entry) }
    },

    entries({ from, count }) {
      if (count > LIST_PAGE_MAX) return { Err: refuse.badInput('count', 'range') }
      return { Ok: store.entries(from, count) }
    },

    ask: ({ canister }) =>
      callThen(canister.toUint8Array(), pingCall, null, (outcome) =>
        outcome.kind === 'reply' ? outcome.value : { Err: refuse.notReady },
      ),

    count: () => ({ Ok: store.listCount() }),

    hash({ sizeBytes, times }) {
      const bytes = new Uint8Array(sizeBytes)
      let digest = sha256(bytes)
      for (let i = 1; i < times; i++) digest = sha256(bytes)
      return { Ok: digest }
    },
  },
})

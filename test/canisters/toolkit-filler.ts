import { createCanister, openMap } from '@medguard/shared'
import { fillerEndpoints } from './toolkit-filler-codecs.ts'
import { filledRowId } from './toolkit-service.ts'
import { createToolkitStore, MEMORY } from './toolkit-store.ts'

const store = createToolkitStore({ rows: openMap(MEMORY.rows), list: openMap(MEMORY.list) })

export default createCanister({
  service: fillerEndpoints,
  handlers: {
    fillRows({ from, count, sizeBytes }, caller) {
      const row = new Uint8Array(sizeBytes).fill(7)
      for (let index = from; index < from + count; index++) store.putRow(caller, filledRowId(index), row)
      return { Ok: null }
    },
    fillList({ count, sizeBytes }) {
      const row = new Uint8Array(sizeBytes).fill(7)
      for (let i = 0; i < count; i++) store.addToList(row)
      return { Ok: null }
    },
  },
})

import { nat32 } from '@medguard/protocol'
import { createCanister, openMap } from '@medguard/shared'
import { filledRowId, fillerService } from './toolkit-service.ts'
import { createToolkitStore, MEMORY } from './toolkit-store.ts'

const store = createToolkitStore(openMap(MEMORY.rows))

export default createCanister({
  service: fillerService,
  configuration: nat32,
  handlers: {
    fillRows({ from, count, sizeBytes }, caller) {
      const row = new Uint8Array(sizeBytes).fill(7)
      for (let index = from; index < from + count; index++) store.putRow(caller, filledRowId(index), row)
      return { Ok: null }
    },
    fillList({ count, sizeBytes }) {
      const row = new Uint8Array(sizeBytes).fill(7)
      for (let i = 0; i < count; i++) store.list.add(row)
      return { Ok: null }
    },
  },
})

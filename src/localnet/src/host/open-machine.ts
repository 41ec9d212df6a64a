// Joins the rooms: storage, module preparation, certificates, vetKD and the state machine that uses them.
import { randomBytes } from 'node:crypto'
import { createCertifier, DEVELOPMENT_ROOT_SECRET, plain } from '../certificates/index.ts'
import type { Machine, Storage } from '../contracts.ts'
import { NATIVE_CANISTERS } from '../native/index.ts'
import { createMachine } from '../state-machine/index.ts'
import { openStorage } from '../storage/index.ts'
import { ALLOWED_IMPORTS } from '../system-api/index.ts'
import { createVetKd } from '../vetkd/index.ts'
import { prepareModule } from '../wasm/index.ts'

/** @param stateDir null keeps nothing. @throws Error when what is saved cannot be read. */
export function openMachine({ stateDir, nowNs }: { stateDir: string | null; nowNs: bigint }): {
  readonly machine: Machine
  readonly storage: Storage
} {
  const { rootKeyDer, subnetId, certifyData } = createCertifier(DEVELOPMENT_ROOT_SECRET)
  const storage = stateDir === null ? keepNothing() : openStorage(stateDir)
  const machine = createMachine({
    prepare: (uploaded) => prepareModule(uploaded, ALLOWED_IMPORTS),
    natives: NATIVE_CANISTERS,
    certify: certifyData,
    vetKd: createVetKd(),
    randomBytes: (size) => plain(randomBytes(size)),
    rootKeyDer,
    subnetId,
    saved: storage.load(),
    initialTimeNs: nowNs,
  })
  return { machine, storage }
}

const keepNothing = (): Storage => ({ load: () => [], append() {}, close() {} })

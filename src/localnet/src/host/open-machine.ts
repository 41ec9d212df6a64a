// Joins the rooms: storage, module preparation, certificates, vetKD and the state machine that uses them.
import { randomBytes } from 'node:crypto'
import { Principal } from '@dfinity/principal'
import { certifyDataOf, createNetworkKeys, plain, topologyOf } from '../certificates/index.ts'
import type { FaultHooks, Machine, Storage, VetKd } from '../contracts.ts'
import { GENESIS, NATIVE_CANISTERS } from '../native/index.ts'
import { type OutcallOptions, outcallRules } from '../outcalls/index.ts'
import type { Prng } from '../prng.ts'
import { createMachine } from '../state-machine/index.ts'
import { type Disk, openStorage } from '../storage/index.ts'
import { planSubnets, type SubnetOptions } from '../subnets/index.ts'
import { createVetKd, developmentKeys } from '../vetkd/index.ts'
import { PREPARATION_URL, prepareModule } from '../wasm/index.ts'
import { codeVersion, keepModules, type Prepare } from './prepared-modules.ts'
import { rememberModules } from './remembered-modules.ts'

export interface OpenMachineOptions {
  /** null keeps nothing. */
  readonly stateDir: string | null
  readonly nowNs: bigint
  /** Beside the root subnet; none unless told. A folder has to be opened with those it began with. */
  readonly subnets?: readonly SubnetOptions[]
  /** Where all randomness comes from, so that a run repeats; the system's own unless given. */
  readonly prng?: Prng
  /** Instead of a folder. */
  readonly storage?: Storage
  readonly faults?: FaultHooks
  readonly outcalls?: OutcallOptions
  /** Writes what a folder keeps; tests and faults put another in its place. */
  readonly disk?: Disk
  /** Prepares modules where no folder keeps them prepared; remembers those of this thread unless told. */
  readonly prepare?: Prepare
}

export const rememberedHere = rememberModules(prepareModule)

/** @throws SubnetsProblem or OutcallsProblem; Error when what is saved cannot be read. */
export function openMachine({
  stateDir,
  nowNs,
  prng,
  storage: given,
  subnets = [],
  faults,
  outcalls = {},
  disk,
  prepare = rememberedHere.prepare,
}: OpenMachineOptions): {
  readonly machine: Machine
  readonly storage: Storage
} {
  const keys = createNetworkKeys(planSubnets(subnets))
  const storage = given ?? (stateDir === null ? keepNothing() : openStorage(stateDir, undefined, disk))
  const modules = stateDir === null ? null : keepModules(stateDir, codeVersion(PREPARATION_URL), prepareModule)
  const vetKd = prng === undefined ? createVetKd() : createVetKd(developmentKeys(), prng.fork('vetkd').bytes)
  const machine = createMachine({
    prepare: modules?.prepare ?? prepare,
    natives: NATIVE_CANISTERS,
    genesis: GENESIS,
    certify: certifyDataOf(keys),
    vetKd: faults === undefined ? vetKd : withWrongKeys(vetKd, faults),
    ...(faults === undefined ? {} : { faults }),
    randomBytes: prng?.fork('raw_rand').bytes ?? ((size) => plain(randomBytes(size))),
    rootKeyDer: keys[0].certifier.rootKeyDer,
    topology: topologyOf(keys),
    outcalls: outcallRules(outcalls),
    saved: storage.load(),
    initialTimeNs: nowNs,
  })
  modules?.forgetUnused()
  return { machine, storage }
}

/** Gives the key of another input where a fault says so: a good key, for the wrong thing. */
const withWrongKeys = (vetKd: VetKd, faults: FaultHooks): VetKd => ({
  ...vetKd,
  deriveKey(args) {
    const isWrong = faults.derivesWrongKey(Principal.fromUint8Array(args.canisterId).toText())
    return vetKd.deriveKey(isWrong ? { ...args, input: new Uint8Array([...args.input, 0]) } : args)
  },
})

const keepNothing = (): Storage => ({ load: () => [], append() {}, close() {} })

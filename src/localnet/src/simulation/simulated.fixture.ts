// A simulated network with scripted canisters in it.
import { IDL } from '@dfinity/candid'
import { Principal } from '@dfinity/principal'
import type { Outcome, RequestStatus } from '../contracts.ts'
import { ARGUMENTS, RESULTS } from '../management/candid.ts'
import { ALICE, decoded, MANAGEMENT, settingsOf } from '../state-machine/network.fixture.ts'
import { universalWasm } from '../state-machine/universal-canister.fixture.ts'
import { openSimulation, type Simulation, type SimulationOptions } from './index.ts'

export interface Simulated extends Simulation {
  /** Sends without running. @returns the request id. @throws Error when it is not let in. */
  start(canisterId: Uint8Array, arg: Uint8Array, sender?: Uint8Array, method?: string): Uint8Array
  /** Sends, settles in order of arrival, and tells how it ended. */
  update(canisterId: Uint8Array, arg: Uint8Array, sender?: Uint8Array, method?: string): Outcome
  status(requestId: Uint8Array): RequestStatus | undefined
  query(canisterId: Uint8Array, arg: Uint8Array): Outcome
  /** A scripted canister. */
  install(hooks?: Parameters<typeof universalWasm>[0]): Uint8Array
}

export const text = (id: Uint8Array): string => Principal.fromUint8Array(id).toText()

export function openSimulated(options: SimulationOptions): Simulated {
  const simulation = openSimulation(options)
  const manage = (method: string, type: IDL.Type, value: object) =>
    simulated.update(MANAGEMENT, new Uint8Array(IDL.encode([type], [value])), ALICE, method)
  const simulated: Simulated = {
    ...simulation,
    start(canisterId, arg, sender = ALICE, method = 'run') {
      const { requestId, verdict } = simulation.send({ canisterId, arg, sender, method })
      if (verdict.kind === 'refused') throw new Error(`${verdict.reject.errorCode}: ${verdict.reject.message}`)
      return requestId
    },
    update(canisterId, arg, sender, method) {
      const requestId = simulated.start(canisterId, arg, sender, method)
      simulation.settle(() => 0)
      const status = simulated.status(requestId)
      if (status?.status === 'replied') return { kind: 'reply', reply: status.reply }
      if (status?.status === 'rejected') return { kind: 'reject', reject: status.reject }
      throw new Error(`the request is ${status?.status}`)
    },
    status: (requestId) => simulation.machine().request(requestId)?.state,
    query: (canisterId, arg) => simulation.machine().query({ sender: ALICE, canisterId, method: 'ask', arg }),
    install(hooks) {
      const settings = { amount: [], settings: [settingsOf({})], specified_id: [], sender_canister_version: [] }
      const created = manage('provisional_create_canister_with_cycles', ARGUMENTS.ProvisionalCreate, settings)
      const { canister_id } = decoded(RESULTS.CanisterId, created) as { canister_id: Principal }
      const installed = manage('install_code', ARGUMENTS.InstallCode, {
        mode: { install: null },
        canister_id,
        wasm_module: universalWasm(hooks),
        arg: new Uint8Array(),
        sender_canister_version: [],
      })
      if (installed.kind === 'reject') throw new Error(installed.reject.message)
      return canister_id.toUint8Array()
    },
  }
  return simulated
}

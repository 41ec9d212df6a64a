// Test set-up with the released agent: agents that pin the root key, and canisters created and installed through it.
import { Actor, type ActorSubclass, AnonymousIdentity, HttpAgent, type Identity } from '@dfinity/agent'
import { IDL } from '@dfinity/candid'
import { Principal } from '@dfinity/principal'
import type { Localnet } from '../index.ts'

type Network = Pick<Localnet, 'url' | 'rootKey'>

/** Asks once: what fails should fail at once. */
export const agentFor = ({ url, rootKey }: Network, identity: Identity = new AnonymousIdentity()): Promise<HttpAgent> =>
  HttpAgent.create({
    host: url,
    rootKey: new Uint8Array(rootKey),
    identity,
    shouldFetchRootKey: false,
    retryTimes: 0,
  })

const CreateArg = IDL.Record({ amount: IDL.Opt(IDL.Nat) })
const Created = IDL.Record({ canister_id: IDL.Principal })
const InstallArg = IDL.Record({
  mode: IDL.Variant({ install: IDL.Null, reinstall: IDL.Null }),
  canister_id: IDL.Principal,
  wasm_module: IDL.Vec(IDL.Nat8),
  arg: IDL.Vec(IDL.Nat8),
})

interface Management {
  provisional_create_canister_with_cycles(arg: { amount: [] }): Promise<{ canister_id: Principal }>
  install_code(arg: {
    mode: { install: null }
    canister_id: Principal
    wasm_module: Uint8Array
    arg: Uint8Array
  }): Promise<void>
}

/** The part of the management canister that a deployment needs. */
export function managementFor(agent: HttpAgent, effectiveCanisterId: Principal): Management {
  const service = IDL.Service({
    provisional_create_canister_with_cycles: IDL.Func([CreateArg], [Created], []),
    install_code: IDL.Func([InstallArg], [], []),
  })
  return Actor.createActor<Management>(() => service, {
    agent,
    canisterId: Principal.managementCanister(),
    effectiveCanisterId,
  })
}

/** Anyone may create a canister here; the creator becomes its controller. @param near an id of the subnet it shall be on. */
export async function deploy(
  agent: HttpAgent,
  wasm: Uint8Array,
  near: Principal = Principal.managementCanister(),
): Promise<Principal> {
  const nobody = managementFor(agent, near)
  const { canister_id: canisterId } = await nobody.provisional_create_canister_with_cycles({ amount: [] })
  const arg = new Uint8Array()
  await managementFor(agent, canisterId).install_code({
    mode: { install: null },
    canister_id: canisterId,
    wasm_module: wasm,
    arg,
  })
  return canisterId
}

const METHODS = {
  mark: IDL.Func([IDL.Nat32], [IDL.Nat32], []),
  count: IDL.Func([IDL.Nat32], [IDL.Nat32], ['query']),
  fail: IDL.Func([IDL.Nat32], [IDL.Nat32], []),
  echo: IDL.Func([IDL.Nat32], [IDL.Nat32], []),
  hold: IDL.Func([IDL.Nat32], [IDL.Nat32], []),
  release: IDL.Func([IDL.Nat32], [IDL.Nat32], []),
  wake_in_an_hour: IDL.Func([IDL.Nat32], [IDL.Nat32], []),
  fired: IDL.Func([IDL.Nat32], [IDL.Nat32], ['query']),
}
type Tally = Record<keyof typeof METHODS, (n: number) => Promise<number>>

export const tallyActor = (agent: HttpAgent, canisterId: Principal): ActorSubclass<Tally> =>
  Actor.createActor<Tally>(() => IDL.Service(METHODS), { agent, canisterId })

import { HttpAgent } from '@dfinity/agent'
import type { Principal } from '@medguard/protocol'
import type { Clinic } from '../../../test/scenarios/clinic.ts'

/** A certificate of the state that the subnet of `home` signs, asked for about the certified data of `home`. */
export async function foreignCertificate(clinic: Clinic, home: Principal): Promise<{ canisters: Uint8Array }> {
  const { url, rootKey } = clinic.localnet
  const agent = HttpAgent.createSync({ host: url, rootKey: new Uint8Array(rootKey) })
  const label = (text: string) => new TextEncoder().encode(text)
  const paths = [[label('canister'), home.toUint8Array(), label('module_hash')]]
  const { certificate } = await agent.readState(home, { paths })
  return { canisters: new Uint8Array(certificate) }
}

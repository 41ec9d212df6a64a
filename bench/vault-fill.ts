import { createHash } from 'node:crypto'
import { createLargeLog } from '@medguard/audit/large-log'
import { largeConsent } from '@medguard/consent/large'
import { LOG_SOURCE } from '@medguard/protocol'
import { largeRecords } from '@medguard/records/large'
import { buildCanister } from '../scripts/build-canisters.ts'
import { CANISTER_NAMES, type CanisterName } from '../test/scenarios/clinic.ts'
import { CONTROLLER, type Stepped } from '../test/scenarios/stepped.ts'

/** How much there is in the three canisters. */
export interface Size {
  readonly name: string
  readonly leaves: number
  readonly patients: number
  readonly headers: number
}

/**
 * Fills canisters that are installed and configured (decision 44): what their own stores write in this process goes into them by a module that writes rows
 * as they are, and then they are upgraded to the shipped one.
 *
 * @returns what each upgrade took, in instructions.
 */
export async function fillVault(
  net: Stepped,
  { leaves, patients, headers }: Size,
): Promise<Record<CanisterName, number>> {
  const writer = await buildCanister('row-writer', { entry: 'test/canisters/row-writer.ts' })
  for (const name of CANISTER_NAMES) net.upgrade(name, writer.wasm)
  const write = (canister: CanisterName, method: string, message: Uint8Array) => {
    net.send(CONTROLLER, canister, method, message)
    net.takeMeters()
  }
  const large = createLargeLog(sha256, net.ids.audit.toUint8Array(), CONTROLLER.toUint8Array())
  for (const message of large.fill(leaves)) write('audit', 'writeAll', message)
  for (const message of largeConsent(patients, net.nowNs(), large.nextSeq(LOG_SOURCE.consent)))
    write('consent', 'writeAll', message)
  for (const { map, message } of largeRecords(patients, headers, large.nextSeq(LOG_SOURCE.records)))
    write('records', map === 'rows' ? 'writeAll' : 'writePages', message)
  const upgrades = { consent: 0, records: 0, audit: 0 }
  for (const name of CANISTER_NAMES) {
    const { wasm } = await buildCanister(name)
    net.takeMeters()
    net.upgrade(name, wasm)
    const own = net.takeMeters().filter(({ entry }) => entry === 'canister_post_upgrade')
    upgrades[name] = Number(own.reduce((sum, { instructions }) => sum + instructions, 0n))
  }
  return upgrades
}

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest())

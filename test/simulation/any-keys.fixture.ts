import { type CompartmentKeys, deriveCompartmentKeys, VET_KEY_BYTES } from '@medguard/crypto'
import type { Reach } from '../scenarios/sealed-record.ts'

/** Keys of some epoch that nobody derived: a canister sees from a wrap which epoch it is of, and no more. */
export const anyKeys = ({ patientId, compartment }: Reach, epoch: number): Promise<CompartmentKeys> =>
  deriveCompartmentKeys(
    new Uint8Array(VET_KEY_BYTES) as Parameters<typeof deriveCompartmentKeys>[0],
    new Uint8Array(32),
    {
      patientId: new Uint8Array(patientId),
      compartmentKind: compartment.compartmentKind,
      compartmentId: new Uint8Array(compartment.cid),
      epoch,
    },
  )

import { CandidWire, moduleFields, Principal, WIRE } from '@medguard/protocol'
import { canisterInfoCall } from './codecs/management.ts'
import { canisterVersion, MANAGEMENT, self } from './host.ts'
import { callWith } from './raw-call.ts'
import { setTimer } from './timer.ts'

const TRIES_MAX = 8
/** A minute and more, twice as long each time: two hours in all. */
const RETRY_SECONDS = 60

/**
 * Asks the network what module runs here and who controls it, which no code can say of itself, and hands both on as fields of a leaf 0x71 (I33). In messages of
 * its own: an installation never waits for it and never fails by it. What the network does not tell in eight tries, the leaf of the version alone has to do for.
 *
 * @param tell Gets the fields. Not called when the network stays silent.
 */
export function noteModule(tell: (fields: Uint8Array) => void): void {
  setTimer(0, () => ask(tell, 1))
}

function ask(tell: (fields: Uint8Array) => void, tries: number): void {
  const { name, arg } = canisterInfoCall
  const question = { canister_id: Principal.fromUint8Array(self()), num_requested_changes: [] as [] }
  callWith(MANAGEMENT, name, arg.encode(question), (bytes) => {
    const info = bytes === null ? null : readInfo(bytes)
    if (info !== null) tell(moduleFields({ canisterVersion: canisterVersion(), ...info }))
    else if (tries < TRIES_MAX) setTimer(RETRY_SECONDS * 2 ** (tries - 1), () => ask(tell, tries + 1))
  })
}

/** Of what the network tells: hashes of the fields' names, as Candid has them. */
const FIELD = { controllers: 570_880_087, moduleHash: 2_928_387_969 } as const

/**
 * By hand: the reply describes every change that a canister can have, in more types than a decoder of ours takes from anybody.
 *
 * @returns null for a reply of another shape, or of a canister without a module.
 */
function readInfo(bytes: Uint8Array): { moduleHash: Uint8Array; controllers: Uint8Array[] } | null {
  const wire = new CandidWire(bytes)
  const [type] = (wire.readTypes() ? wire.readArgumentTypes(1) : null) ?? []
  if (type === undefined || wire.kinds[type] !== WIRE.record) return null
  let moduleHash: Uint8Array | null = null
  let controllers: Uint8Array[] | null = null
  const parts = wire.parts[type] ?? []
  for (const [i, id] of (wire.ids[type] ?? []).entries()) {
    const start = wire.at
    if (!wire.walk(parts[i] ?? WIRE.null, 0)) return null
    const value = bytes.subarray(start, wire.at)
    if (id === FIELD.moduleHash) moduleHash = value[0] === 1 && value[1] === 32 ? value.slice(2) : null
    if (id === FIELD.controllers) controllers = readPrincipals(value)
  }
  return moduleHash?.length === 32 && controllers !== null ? { moduleHash, controllers } : null
}

/** A vector of principals whose lengths were walked over: fewer than 128, each `1 || length || bytes`. */
function readPrincipals(bytes: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = []
  for (let at = 1; at < bytes.length;) {
    const length = bytes[at + 1] ?? 0
    found.push(bytes.slice(at + 2, at + 2 + length))
    at += 2 + length
  }
  return found
}

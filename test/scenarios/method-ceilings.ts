import type { CanisterName, MethodName } from './clinic.ts'

// I34: what one message of a method, and what comes back to it, may take in its own canister, in millions of instructions.

/** Of any method, and of any caller without an account. */
export const CEILING = 5
/** Methods that do more, by how much they are given to do. */
export const HIGHER: { readonly [C in CanisterName]: { readonly [M in MethodName<C>]?: number } } = {
  consent: {
    enrol: 10, // opens an account: at most 2,000 an hour in all
    enrolDependant: 15, // opens an account for somebody in the caller's care
    registerOrganisation: 6, // opens an organisation with its first member and its line; few may be registered
    grantsGiven: 20, // 50 grants with up to 20 compartments each
    grantsReceived: 20,
    addDevice: 25, // looks at up to 128 devices, and makes a principal of a key
    rotateDevice: 25, // looks at as many
    devices: 25, // up to 128
    authoriseOpen: 60, // a leaf for each of 100 records
  },
  records: {
    addDevice: 25, // looks at up to 128 devices, and makes a principal of a key
    rotateDevice: 25, // looks at as many
    devices: 25, // up to 128
    depositReadings: 15, // stores a record, whole
    putChunk: 40, // 1 MiB
    chunk: 40,
    headers: 40, // 100 records, up to 1 MB
    open: 60, // 100 records
    grantsGiven: 20,
    deleteRecord: 10, // takes a record out of its list, its counts and its shares
    putShareWraps: 60, // 100 records
    makeLink: 260, // 0.5 MiB, letter by letter
    links: 25, // 40 with ten openings each
    endLink: 10, // takes its content away
    rewrapState: 100, // counts 500 records of an earlier version
    readWraps: 200, // 200 records, and their keys
    putWraps: 600, // wraps of 200 records, each in two places, and those before kept
    retire: 100, // looks at 500 records
  },
  audit: {
    append: 160, // 100 leaves
    makeCheckpoint: 10, // at most one an hour, whoever asks
    leaves: 40, // 50 leaves with their proofs
  },
}

/** What somebody without an account may set going all the same, because all of them together may so often an hour and no oftener. */
const OF_ANYBODY: readonly string[] = ['consent.enrol', 'audit.makeCheckpoint']
export const strangersCeilingOf = (canister: CanisterName, method: string): number =>
  OF_ANYBODY.includes(`${canister}.${method}`) ? ceilingOf(canister, method) : CEILING

export const ceilingOf = (canister: CanisterName, method: string): number =>
  (HIGHER[canister] as Readonly<Record<string, number>>)[method] ?? CEILING

// Messages between the host and its worker. Everything here survives structured clone.
import type { StorageErrorCode } from '../storage/index.ts'
import type {
  CanisterFacts,
  IngressMessage,
  Machine,
  Meters,
  Outcome,
  QueryMessage,
  Reject,
  StoredRequest,
} from '../contracts.ts'
import type { OutcallOptions } from '../outcalls/index.ts'
import type { FaultAct, FaultReport } from '../faults/administration.ts'
import type { SubnetOptions } from '../subnets/index.ts'
import type { RememberedModule } from './remembered-modules.ts'

export interface WorkerOptions {
  /** Module to run, a file URL. */
  readonly entry: string
  /** null keeps nothing. */
  readonly stateDir: string | null
  readonly clock: 'real' | 'manual'
  /** Beside the root subnet. */
  readonly subnets: readonly SubnetOptions[]
  readonly outcalls: OutcallOptions
  /** Seed of faults that can be planned while it runs; null for a network in which nothing goes wrong on purpose. */
  readonly faultSeed: string | null
  /** Modules that earlier networks of the process prepared. */
  readonly modules: readonly RememberedModule[]
}

/** What can be asked, with what is answered. `call` may be answered twice: when it is durable, and when it is terminal. */
export interface Answers {
  call:
    | { readonly kind: 'refused'; readonly reject: Reject }
    | { readonly kind: 'accepted' | 'finished'; readonly request: StoredRequest }
  query: Outcome
  request: StoredRequest | undefined
  canister: CanisterFacts | undefined
  canisterIds: readonly Uint8Array[]
  advance: null
  meters: Meters['parts']
  dump: ReturnType<Machine['dump']>
  /** Null where no faults can be planned. */
  faults: FaultReport | null
  close: null
}

export type Question =
  | { readonly kind: 'call'; readonly message: IngressMessage }
  | { readonly kind: 'query'; readonly message: QueryMessage }
  | { readonly kind: 'request'; readonly requestId: Uint8Array }
  | { readonly kind: 'canister' | 'dump'; readonly canisterId: Uint8Array }
  | { readonly kind: 'canisterIds' | 'meters' | 'close' }
  | { readonly kind: 'faults'; readonly act: FaultAct }
  | { readonly kind: 'advance'; readonly byNs: bigint }

export type ToWorker =
  | { readonly id: number; readonly question: Question }
  /** Nobody waits for this call any more. */
  | { readonly forget: number }

export interface Clock {
  /** Time of the machine. */
  readonly timeNs: bigint
  /** What the network's time is ahead of the computer's; null for a clock that stands still. */
  readonly aheadNs: bigint | null
}

export type FromWorker =
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Answers[Question['kind']]; readonly clock: Clock }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string }
  | { readonly kind: 'ready'; readonly clock: Clock }
  | { readonly kind: 'prepared'; readonly module: RememberedModule }
  /** What is saved cannot be opened; the thread ends. */
  | { readonly kind: 'unopened'; readonly code: StorageErrorCode; readonly message: string }

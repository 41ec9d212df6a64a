import type { ConsentConfiguration } from '@medguard/protocol'
import type {
  Buckets,
  Configuration,
  DeviceHost,
  FactSource,
  Outboxes,
  PeopleHost,
  RefusalLog,
  RequestMemory,
} from '@medguard/shared'
import type { StoredAccount } from './codec.ts'
import type { Directory } from './directory.ts'
import type { ConsentStore } from './store.ts'

/** What every method of this canister works with. */
export interface Context {
  readonly store: ConsentStore
  readonly facts: FactSource<StoredAccount>
  readonly outbox: Outboxes
  readonly directory: Directory
  readonly refusals: RefusalLog
  readonly requests: RequestMemory
  readonly budgets: Buckets
  /** Lets the marks of erased vaults go when their time is over. */
  readonly collectMarks: () => void
  /** What the methods about people work with. */
  readonly people: PeopleHost<StoredAccount>
  /** What the methods about devices work with. */
  readonly deviceHost: DeviceHost<StoredAccount>
  readonly configuration: Configuration<ConsentConfiguration>
}

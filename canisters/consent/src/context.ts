import type { ConsentConfiguration } from '@medguard/protocol'
import type { Buckets, Configuration, Outbox, RefusalLog, RequestMemory } from '@medguard/shared'
import type { ConsentStore } from './store.ts'

/** What every method of this canister works with. */
export interface Context {
  readonly store: ConsentStore
  readonly outbox: Outbox
  readonly refusals: RefusalLog
  readonly requests: RequestMemory
  readonly budgets: Buckets
  readonly configuration: Configuration<ConsentConfiguration>
}

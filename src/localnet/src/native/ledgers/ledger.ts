import { createHash } from 'node:crypto'
import type { NativeCall, NativeStore } from '../native-canister.ts'

// The bookkeeping that the ledgers share: balances, blocks, fees, and which transactions were seen before.
//   supply                        decimal
//   balance/<account key>         decimal; absent is zero
//   block/<16 digits>             JSON of a Block
//   seen/<time>/<hash>            index of the block that a dated transaction became

const HOUR_NS = 3_600_000_000_000n
/** How long a dated transaction is recognised, and how far its date may be ahead. ICRC-1, "Transaction deduplication". */
export const TRANSACTION_WINDOW_NS = 24n * HOUR_NS
const PERMITTED_DRIFT_NS = 60_000_000_000n

/** Amounts in the ledger's smallest unit; accounts as keys. A mint has no `from`, a burn no `to`. */
export interface Transaction {
  readonly from: string | null
  readonly to: string | null
  readonly amount: bigint
  /** What the ledger takes from the sender besides. */
  readonly fee: bigint
  /** Hex, or null. */
  readonly memo: string | null
  /** As dated by the sender, in nanoseconds; undated transactions are never duplicates. */
  readonly createdAtNs: bigint | null
  /** Tells transactions of several kinds apart. */
  readonly purpose: string
}

export interface Block extends Transaction {
  readonly index: bigint
  readonly timeNs: bigint
}

export type Failure =
  | { readonly kind: 'insufficientFunds'; readonly balance: bigint }
  | { readonly kind: 'tooOld' }
  | { readonly kind: 'createdInFuture'; readonly ledgerTimeNs: bigint }
  | { readonly kind: 'duplicate'; readonly of: bigint }

export class Ledger {
  readonly #store: NativeStore
  readonly #nowNs: bigint

  constructor({ store, timeNs }: Pick<NativeCall, 'store' | 'timeNs'>) {
    this.#store = store
    this.#nowNs = timeNs
  }

  get supply(): bigint {
    return this.#number('supply')
  }

  get blockCount(): bigint {
    return this.#number('blocks')
  }

  balanceOf(account: string): bigint {
    return this.#number(`balance/${account}`)
  }

  block(index: bigint): Block | null {
    const stored = this.#store.get(blockKey(index))
    return stored === null ? null : (JSON.parse(Buffer.from(stored).toString(), revive) as Block)
  }

  /** Books a transaction, or says why not; nothing is changed then. @returns the index of its block. */
  book(transaction: Transaction): bigint | Failure {
    const { from, to, amount, fee, createdAtNs } = transaction
    const seen = createdAtNs === null ? null : seenKey(transaction, createdAtNs)
    const failure = this.#refusal(createdAtNs, seen)
    if (failure !== null) return failure
    if (from !== null) {
      const balance = this.balanceOf(from)
      if (balance < amount + fee) return { kind: 'insufficientFunds', balance }
      this.#setBalance(from, balance - amount - fee)
    }
    if (to !== null) this.#setBalance(to, this.balanceOf(to) + amount)
    // Fees are burned.
    this.#setNumber(
      'supply',
      this.supply + (from === null ? amount : 0n) - (to === null ? amount : 0n) - (from === null ? 0n : fee),
    )
    const index = this.blockCount
    this.#setNumber('blocks', index + 1n)
    const block: Block = { ...transaction, index, timeNs: this.#nowNs }
    this.#store.put(blockKey(index), Buffer.from(JSON.stringify(block, replace)))
    if (seen !== null) this.#store.put(seen, Buffer.from(String(index)))
    return index
  }

  #refusal(createdAtNs: bigint | null, seen: string | null): Failure | null {
    if (createdAtNs === null || seen === null) return null
    if (createdAtNs + TRANSACTION_WINDOW_NS + PERMITTED_DRIFT_NS < this.#nowNs) return { kind: 'tooOld' }
    if (createdAtNs > this.#nowNs + PERMITTED_DRIFT_NS) {
      return { kind: 'createdInFuture', ledgerTimeNs: this.#nowNs }
    }
    this.#forgetOld()
    const known = this.#store.get(seen)
    return known === null ? null : { kind: 'duplicate', of: BigInt(Buffer.from(known).toString()) }
  }

  #forgetOld(): void {
    const oldest = `seen/${digits(this.#nowNs - TRANSACTION_WINDOW_NS - PERMITTED_DRIFT_NS)}`
    for (const key of this.#store.keys('seen/')) {
      if (key >= oldest) return
      this.#store.delete(key)
    }
  }

  #setBalance(account: string, amount: bigint): void {
    if (amount === 0n) this.#store.delete(`balance/${account}`)
    else this.#setNumber(`balance/${account}`, amount)
  }

  #number(key: string): bigint {
    const stored = this.#store.get(key)
    return stored === null ? 0n : BigInt(Buffer.from(stored).toString())
  }

  #setNumber(key: string, value: bigint): void {
    this.#store.put(key, Buffer.from(String(value)))
  }
}

const digits = (value: bigint): string => String(value).padStart(20, '0')
const blockKey = (index: bigint): string => `block/${digits(index)}`

const seenKey = (transaction: Transaction, createdAtNs: bigint): string =>
  `seen/${digits(createdAtNs)}/${createHash('sha256').update(JSON.stringify(transaction, replace)).digest('hex')}`

const replace = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? { n: String(value) } : value)
const revive = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'n' in value ? BigInt(String(value.n)) : value

import { IDL, query, update } from 'azle'

const BALLAST_BYTES = 9 * 1024 * 1024

/** Holds so much memory that its heap is that of a large canister, and does little with it. For measurements. */
export default class Ballast {
  ballast = new Uint8Array(BALLAST_BYTES).fill(7)
  count = 0

  @update([], IDL.Nat32)
  add(): number {
    this.count += 1
    this.ballast[this.count % BALLAST_BYTES] = 8
    return this.count
  }

  @query([], IDL.Nat32)
  total(): number {
    return this.count
  }
}

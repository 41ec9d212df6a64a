/** Where a canister is kept and what runs there: each fact certified by the network, none of it our word. */
export interface Hosting {
  readonly name: string
  readonly canisterId: string
  readonly subnetId: string
  /** Ids of the nodes, each of which holds a copy. */
  readonly nodes: readonly string[]
  /** Who may install other code. */
  readonly controllers: readonly string[]
  /** SHA-256 of the code that runs, hexadecimal. */
  readonly moduleHash: string
}

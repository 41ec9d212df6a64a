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

export interface HostingReport {
  readonly parts: readonly Hosting[]
  /** Further parts of the log of which nothing could be read; whatever is in the others goes on. */
  readonly unreached: readonly Pick<Hosting, 'name' | 'canisterId'>[]
}

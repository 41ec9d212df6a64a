// An Azle canister for localnet's own tests. Plain JavaScript: Azle's sources do not compile under the project's TypeScript flags.
import {
  call,
  candidEncode,
  canisterSelf,
  chunk,
  IDL,
  msgCaller,
  performanceCounter,
  postUpgrade,
  query,
  setTimer,
  StableBTreeMap,
  time,
  trap,
  update,
} from 'azle'

export default class ProbeCanister {
  rows = new StableBTreeMap(0)
  heapCount = 0
  fired = 0
  settled = 'nothing'

  @query([], IDL.Text)
  hello() {
    return 'hello'
  }

  @update([IDL.Text, IDL.Text], IDL.Bool)
  put(key, value) {
    this.rows.insert(key, value)
    this.heapCount += 1
    return true
  }

  @query([IDL.Text], IDL.Opt(IDL.Text))
  get(key) {
    const value = this.rows.get(key)
    return value === undefined ? [] : [value]
  }

  @query([], IDL.Nat32)
  count() {
    return this.heapCount
  }

  /** A query's writes are dropped. */
  @query([IDL.Text], IDL.Nat32)
  forgetful(key) {
    this.rows.insert(key, 'from a query')
    this.heapCount += 100
    return this.heapCount
  }

  @update([IDL.Text], IDL.Bool)
  putAndThrow(key) {
    this.rows.insert(key, 'never kept')
    this.heapCount += 1
    throw new Error('on purpose')
  }

  @update([], IDL.Vec(IDL.Nat8))
  async random() {
    return await call('aaaaa-aa', 'raw_rand', { returnIdlType: IDL.Vec(IDL.Nat8) })
  }

  /** Randomness from the seed that Azle draws after install. */
  @update([], IDL.Vec(IDL.Nat8))
  seeded() {
    return crypto.getRandomValues(new Uint8Array(32))
  }

  @update([IDL.Principal, IDL.Text, IDL.Text], IDL.Bool)
  async putElsewhere(canister, key, value) {
    return await call(canister, 'put', {
      paramIdlTypes: [IDL.Text, IDL.Text],
      returnIdlType: IDL.Bool,
      args: [key, value],
    })
  }

  @update([IDL.Principal], IDL.Text)
  async askBroken(canister) {
    try {
      await call(canister, 'putAndThrow', { paramIdlTypes: [IDL.Text], returnIdlType: IDL.Bool, args: ['x'] })
      return 'it answered'
    } catch (error) {
      return `${error.type ?? 'error'} ${error.rejectCode} ${error.rejectMessage ?? error.message}`
    }
  }

  /** What was done before the await stays, what comes after it does not. */
  @update([], IDL.Bool)
  async trapAfterAwait() {
    this.heapCount += 1000
    await call('aaaaa-aa', 'raw_rand', { returnIdlType: IDL.Vec(IDL.Nat8) })
    this.heapCount += 1
    trap('after the await')
  }

  @update([IDL.Nat32], IDL.Bool)
  fireAfter(seconds) {
    setTimer(seconds, () => {
      this.fired += 1
    })
    return true
  }

  @query([], IDL.Nat32)
  timesFired() {
    return this.fired
  }

  /** Each chunk is a message with a budget of its own. */
  @update([IDL.Nat32], IDL.Nat64)
  async inChunks(count) {
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < 1000; j++) this.heapCount = this.heapCount | 0
      await chunk()
    }
    return performanceCounter(1)
  }

  @update([], IDL.Bool)
  endless() {
    for (;;) this.heapCount += 1
  }

  @query([], IDL.Bool)
  endlessQuery() {
    for (;;) this.heapCount += 1
  }

  @query([], IDL.Tuple(IDL.Text, IDL.Text, IDL.Nat64))
  facts() {
    return [msgCaller().toText(), canisterSelf().toText(), time()]
  }

  @update([], IDL.Vec(IDL.Nat8))
  publicKey() {
    return candidEncode('(1 : nat32)')
  }

  @postUpgrade([])
  upgraded() {
    this.heapCount = 7
  }
}

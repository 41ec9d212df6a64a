import type { Stepped } from './stepped.ts'

export interface Orders {
  /** Runs one of several orders that differ only in which of two canisters went first with what both could have done at once. */
  readonly alikeOnce?: boolean
}

/**
 * Runs flows that meet in every order their messages can be delivered in, beginning anew for each: what the network keeps in order stays so, and what
 * canisters send by timers waits until all of it is over.
 *
 * @param begin sends the first messages, on a network at rest, and says what is to be looked at afterwards.
 * @returns in how many orders.
 */
export async function inEveryOrder<T>(
  net: Stepped,
  begin: () => Promise<T>,
  check: (one: T, ran: readonly string[]) => Promise<void>,
  { alikeOnce = false }: Orders = {},
): Promise<number> {
  const path: number[] = []
  for (let orders = 0; ;) {
    net.settle()
    const one = await begin()
    const ran: string[] = []
    const widths: number[] = []
    let isAlike = false
    let last: { readonly canister: string; readonly couldRun: readonly string[] } | null = null
    for (let at = 0; ; at++) {
      const all = net.deliverable()
      const waiting = all.flatMap(({ entry, canister, from }, index) =>
        entry.includes('timer') ? [] : [{ entry, canister, index, name: [canister, from, entry].join() }],
      )
      const names = waiting.map(({ name }) => name)
      // Of the orders that are alike, the one in which canisters that could run at once did so by their ids.
      const ours = waiting.filter(
        ({ canister, name }) =>
          !alikeOnce || last === null || canister >= last.canister || count(last.couldRun, name) < count(names, name),
      )
      const next = ours[path[at] ?? 0]
      isAlike = next === undefined && waiting.length > 0
      if (next === undefined) break
      path[at] ??= 0
      widths[at] = ours.length
      ran.push(next.entry)
      last = { canister: next.canister, couldRun: names }
      net.deliver(next.index)
    }
    net.settle()
    if (!isAlike) {
      orders++
      await check(one, ran)
    }
    while (path.length > 0 && (path.at(-1) ?? 0) + 1 >= (widths[path.length - 1] ?? 0)) path.pop()
    const turn = path.pop()
    if (turn === undefined) return orders
    path.push(turn + 1)
  }
}
const count = (names: readonly string[], name: string) => names.filter((each) => each === name).length

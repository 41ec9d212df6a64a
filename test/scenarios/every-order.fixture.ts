import type { Stepped } from './stepped.ts'

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
): Promise<number> {
  const path: number[] = []
  for (let orders = 1; ; orders++) {
    net.settle()
    const one = await begin()
    const ran: string[] = []
    const widths: number[] = []
    for (let at = 0; ; at++) {
      const all = net.deliverable()
      const ours = all.flatMap(({ entry }, index) => (entry.includes('timer') ? [] : [{ entry, index }]))
      const next = ours[path[at] ?? 0]
      if (next === undefined) break
      path[at] ??= 0
      widths[at] = ours.length
      ran.push(next.entry)
      net.deliver(next.index)
    }
    net.settle()
    await check(one, ran)
    while (path.length > 0 && (path.at(-1) ?? 0) + 1 >= (widths[path.length - 1] ?? 0)) path.pop()
    const last = path.pop()
    if (last === undefined) return orders
    path.push(last + 1)
  }
}

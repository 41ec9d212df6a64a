// Rules over two threads: what the network does wrong in its own, and what the node says falsely in the one that serves HTTP.
import { createFaults, type Faults, type Fired, type ListedRule, readFaultRule } from './index.ts'

/** What can be asked of the faults in the network's thread. */
export type FaultAct =
  | { readonly do: 'add'; readonly rule: unknown }
  | { readonly do: 'remove'; readonly ruleId: number }
  | { readonly do: 'clear' | 'list' }

/** `done` is the id of a rule that was added, and 0 or 1 for whether there was one to remove. */
export interface FaultReport {
  readonly done: number
  readonly rules: readonly ListedRule[]
  readonly fired: readonly Fired[]
}

/** @throws BadFaultRule */
export function actOn(faults: Faults, act: FaultAct): FaultReport {
  const done =
    act.do === 'add' ? faults.add(readFaultRule(act.rule)) : act.do === 'remove' ? Number(faults.remove(act.ruleId)) : 0
  if (act.do === 'clear') faults.clear()
  return { done, rules: faults.rules(), fired: act.do === 'list' ? faults.fired() : [] }
}

/** What can be administered. Ids of rules are text and say where a rule is kept. */
export interface FaultsAdministration {
  /** For the API: the lies among the rules. */
  readonly nodeFaults: Faults
  /** @returns the rule's id. @throws BadFaultRule */
  add(rule: unknown): Promise<string>
  /** @returns false when there is no such rule. */
  remove(id: string): Promise<boolean>
  clear(): Promise<void>
  list(): Promise<{ readonly rules: readonly object[]; readonly fired: readonly object[] }>
}

const PLACES = { network: 'network-', node: 'node-' } as const

/** @param ask the network's thread. */
export function administerFaults(seed: string, ask: (act: FaultAct) => Promise<FaultReport>): FaultsAdministration {
  const nodeFaults = createFaults(`${seed}/node`)
  const named = (place: string, { rules, fired }: Pick<FaultReport, 'rules' | 'fired'>) => ({
    rules: rules.map((rule) => ({ ...rule, id: `${place}${rule.id}` })),
    fired: fired.map((one) => ({ ...one, rule: `${place}${one.rule}` })),
  })
  return {
    nodeFaults,
    async add(value) {
      const rule = readFaultRule(value)
      if (rule.kind === 'lieInQuery') return `${PLACES.node}${nodeFaults.add(rule)}`
      return `${PLACES.network}${(await ask({ do: 'add', rule })).done}`
    },
    async remove(id) {
      const number = Number(/^(?:network|node)-(\d{1,15})$/u.exec(id)?.[1] ?? 0)
      if (id.startsWith(PLACES.node)) return nodeFaults.remove(number)
      return (await ask({ do: 'remove', ruleId: number })).done === 1
    },
    async clear() {
      nodeFaults.clear()
      await ask({ do: 'clear' })
    },
    async list() {
      const inNetwork = named(PLACES.network, await ask({ do: 'list' }))
      const inNode = named(PLACES.node, actOn(nodeFaults, { do: 'list' }))
      return { rules: [...inNetwork.rules, ...inNode.rules], fired: [...inNetwork.fired, ...inNode.fired] }
    },
  }
}

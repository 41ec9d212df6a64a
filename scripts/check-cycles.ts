import { Actor, HttpAgent } from '@dfinity/agent'
import { openIdentities } from '@medguard/cli'
import { IDL, Principal } from '@medguard/protocol'

import { readNetwork } from './deploy/network-file.ts'
import { readOptions } from './options.ts'
import { CANISTERS, type CanisterName, DEFAULT_STATE, UsageError } from './project.ts'

const USAGE = `usage: npm run -s check-cycles -- --network FILE --as NAME [--page ID] [--days N] [--least TRILLIONS] [--webhook URL]

  --network  network file (docs/network-file.md)
  --as       an identity of this machine that controls the canisters
  --page     the canister that the page is served from, which no network file names; it is looked at too
  --days     rings when what freezing does not keep back pays for fewer days of standing still (default 60)
  --least    rings when it is less than so many trillion cycles (default 5)
  --webhook  what is printed is sent there too, by POST, when it rings

  Prints a line of JSON for each canister. Exit code 0: enough. 1: it could not be looked, or the webhook was not reached. 3: it rings.`

export const RINGS = 3
const TRILLION = 1_000_000_000_000n
const SECONDS_PER_DAY = 86_400n
const WEBHOOK_WAIT_MS = 30_000

export interface Budget {
  readonly cycles: bigint
  readonly idlePerDay: bigint
  readonly freezingSeconds: bigint
}
export interface Terms {
  readonly days: number
  readonly least: bigint
}

/** What is left beyond what freezing keeps back, and whether that is too little. */
export function judged({ cycles, idlePerDay, freezingSeconds }: Budget, { days, least }: Terms) {
  const keptBack = (idlePerDay * freezingSeconds) / SECONDS_PER_DAY
  const free = cycles > keptBack ? cycles - keptBack : 0n
  const daysLeft = idlePerDay === 0n ? null : Number(free / idlePerDay)
  return { free, daysLeft, rings: free < least || (daysLeft !== null && daysLeft < days) }
}

/** For an operator's cron. @param stateDir where identities are. */
export async function main(args: readonly string[], stateDir = DEFAULT_STATE): Promise<void> {
  const { network, page, terms, webhook, name } = readTarget(args)
  const identity = openIdentities(stateDir).open(name)
  const agent = HttpAgent.createSync({ identity, host: network.url, rootKey: network.rootKey })
  const lines: string[] = []
  const unknown: unknown[] = []
  let rings = false
  const looked = CANISTERS.map((each): Looked => ({ canister: each, id: Principal.fromText(network.canisters[each]) }))
  if (page !== null) looked.push({ canister: 'page', id: page })
  for (const { canister, id } of looked) {
    const budget = await budgetOf(agent, canister, id).catch((error: unknown) => void unknown.push(error))
    if (budget === undefined) continue
    const { free, daysLeft, rings: isLow } = judged(budget, terms)
    const told = { canister, cycles: String(budget.cycles), free: String(free), daysLeft, rings: isLow }
    lines.push(JSON.stringify(told))
    rings ||= isLow
  }
  if (lines.length > 0) console.log(lines.join('\n'))
  if (rings) {
    process.exitCode = RINGS
    if (webhook !== null) await ring(webhook, lines)
  }
  // What is known was told first: one that does not answer keeps nobody from hearing of another.
  if (unknown.length > 0) throw unknown[0]
}

interface Looked {
  readonly canister: CanisterName | 'page'
  readonly id: Principal
}
const Id = IDL.Record({ canister_id: IDL.Principal })
const Status = IDL.Record({
  cycles: IDL.Nat,
  idle_cycles_burned_per_day: IDL.Nat,
  settings: IDL.Record({ freezing_threshold: IDL.Nat }),
})
interface StatusView {
  readonly cycles: bigint
  readonly idle_cycles_burned_per_day: bigint
  readonly settings: { readonly freezing_threshold: bigint }
}

async function budgetOf(agent: HttpAgent, name: Looked['canister'], canisterId: Principal): Promise<Budget> {
  const factory = () => IDL.Service({ canister_status: IDL.Func([Id], [Status], []) })
  const management = Actor.createActor<{ canister_status(id: object): Promise<StatusView> }>(factory, {
    agent,
    canisterId: Principal.managementCanister(),
    effectiveCanisterId: canisterId,
  })
  try {
    const status = await management.canister_status({ canister_id: canisterId })
    const { cycles, idle_cycles_burned_per_day: idlePerDay, settings } = status
    return { cycles, idlePerDay, freezingSeconds: settings.freezing_threshold }
  } catch (cause) {
    throw new UsageError(`${name} does not tell its cycles: is the network there, and the identity its controller?`, {
      cause,
    })
  }
}

/** @throws UsageError: whoever relies on being rung has to hear that nobody was. */
async function ring(webhook: string, lines: readonly string[]): Promise<void> {
  try {
    const answer = await fetch(webhook, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `[${lines.join(',')}]`,
      redirect: 'error',
      signal: AbortSignal.timeout(WEBHOOK_WAIT_MS),
    })
    if (!answer.ok) throw new Error(`it answered ${answer.status}`)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new UsageError(`it rings, and the webhook was not reached: ${why}`, { cause })
  }
}

function readTarget(args: readonly string[]) {
  const options = {
    network: { type: 'string' },
    as: { type: 'string' },
    page: { type: 'string' },
    days: { type: 'string', default: '60' },
    least: { type: 'string', default: '5' },
    webhook: { type: 'string' },
  } as const
  const { network: file, as: name, page, days, least, webhook } = readOptions(args, options, USAGE)
  if (file === undefined || name === undefined) throw new UsageError(USAGE)
  for (const number of [days, least]) if (!/^\d{1,6}$/.test(number)) throw new UsageError(`${number} is not a number`)
  if (webhook !== undefined && !/^https?:/.test(URL.canParse(webhook) ? new URL(webhook).protocol : ''))
    throw new UsageError(`${webhook} is not an address`)
  const terms: Terms = { days: Number(days), least: BigInt(least) * TRILLION }
  return { ...readNetwork(file), page: page === undefined ? null : idOf(page), terms, webhook: webhook ?? null, name }
}

function idOf(text: string): Principal {
  try {
    return Principal.fromText(text)
  } catch (cause) {
    throw new UsageError(`${text} is not the id of a canister`, { cause })
  }
}

import { type BuiltCanister, buildCanister } from '../scripts/build-canisters.ts'
import { CANISTER_NAMES, openClinic } from '../test/scenarios/clinic.ts'
import { openWard } from '../test/scenarios/ward.ts'
import { addCost, costOf, MILLIONS } from './costs.ts'
import { check, type Rows } from './rows.ts'

/** What `npm start` installs, and what starts from its bundle; in millions of instructions. */
const KINDS: readonly (readonly [kind: BuiltCanister['kind'], ceiling: number])[] = [
  ['pre-initialised', 1],
  ['plain', 170],
]
/** What runs in the message that installs or upgrades. */
const MESSAGE = ['start', 'canister_init', 'canister_pre_upgrade', 'canister_post_upgrade']
/** Longer than any timer that an installation sets at once. */
const SETTLED_NS = 1_000_000n

/** What it takes to install each of our canisters, and to upgrade it with some state in it. */
export async function installs(rows: Rows): Promise<void> {
  const clinic = await openClinic()
  try {
    const ward = await openWard(clinic)
    const spent = async (canisterId: string, work: () => Promise<void>) => {
      await clinic.advance(SETTLED_NS)
      const { parts } = await clinic.metered(async () => {
        await work()
        await clinic.advance(SETTLED_NS)
      })
      const own = parts.filter((part) => part.canisterId === canisterId)
      const message = own.filter(({ entry }) => MESSAGE.includes(entry))
      check(message.length > 0, 'the installation ran code')
      return { message: costOf(message), all: costOf(own) }
    }
    const add = (name: string, { message, all }: Awaited<ReturnType<typeof spent>>, ceiling: number) => {
      addCost(rows, name, message, ceiling)
      rows.add(`${name}: with its first timers and the calls they make`, all.instructions / 1_000_000, MILLIONS)
    }
    for (const [kind, ceiling] of KINDS)
      for (const name of CANISTER_NAMES) {
        const { wasm } = await buildCanister(name, { plain: kind === 'plain' })
        const another = await clinic.operator.create()
        const installed = await spent(another.toText(), () => clinic.operator.install(another, wasm))
        add(`install ${name}, ${kind}`, installed, ceiling)
        const upgraded = await spent(clinic.ids[name].toText(), () => clinic.upgrade(name, wasm))
        add(`upgrade ${name}, ${kind}`, upgraded, ceiling)
      }
    const account = await clinic.ok(ward.senderOf('owner'), 'consent', 'whoAmI', null)
    check(account.account.length === 1, 'what was there before the upgrades is there')
  } finally {
    await clinic.close()
  }
}

import { decodeRet, encodeArg } from '@medguard/protocol'
import { accessTable, casesOf, ownArg } from '../test/scenarios/access-table.ts'
import { bombsFor, oversized } from '../test/scenarios/candid-bombs.ts'
import { ALL_METHODS, type CanisterName, kindOf, methodOf, openClinic, type Sender } from '../test/scenarios/clinic.ts'
import { openWard } from '../test/scenarios/ward.ts'
import { costOf, MILLIONS } from './costs.ts'
import { check, type Row, rowsOf } from './rows.ts'

/** What a stranger can make each method spend: the dearest argument we know that is not even decoded, and a refusal. */
export async function run(): Promise<Row[]> {
  const clinic = await openClinic()
  try {
    const ward = await openWard(clinic)
    const table = accessTable(ward)
    const rows = rowsOf('guard')
    const stranger = ward.senderOf('stranger')
    const cost = async (sender: Sender, canister: CanisterName, name: string, bytes: Uint8Array) => {
      const { value: answer, parts } = await clinic.metered(() => clinic.send(sender, canister, name, bytes))
      const id = clinic.ids[canister].toText()
      const own = parts.filter(({ canisterId, entry }) => canisterId === id && entry === name)
      return { answer, instructions: costOf(own).instructions / 1e6 }
    }
    for (const [canister, name] of ALL_METHODS) {
      const method = methodOf(canister, name)
      const good = await ownArg(table, canister, name)
      const worst = { small: { name: '', instructions: 0 }, large: { name: '', instructions: 0 } }
      for (const bomb of bombsFor(method, good)) {
        const { answer, instructions } = await cost(stranger, canister, name, bomb.bytes)
        const said = answer.kind === 'reject' ? answer.reject.message : kindOf(decodeRet(method, answer.bytes))
        check(/BadArgs|NotPermitted/.test(said), `${name} refuses: ${bomb.name}`)
        const size = bomb.bytes.length <= SMALL_BYTES ? 'small' : 'large'
        if (instructions > worst[size].instructions) worst[size] = { name: bomb.name, instructions }
      }
      const about = `${canister}.${name}`
      rows.add(`${about}: dearest of 64 bytes (${worst.small.name})`, worst.small.instructions, MILLIONS, 1)
      const { large } = worst
      if (large.name !== '') rows.add(`${about}: dearest of any size (${large.name})`, large.instructions, MILLIONS, 5)

      const tooLarge = await cost('canister', canister, name, oversized(method))
      check(tooLarge.answer.kind === 'reply', `${name} answers what is too large`)
      rows.add(`${about}: one byte too many`, tooLarge.instructions, MILLIONS, null)

      if (casesOf(table, canister, name)[0]?.expected.stranger !== 'NotPermitted') continue
      const refused = await cost(stranger, canister, name, encodeArg(method, good))
      check(refused.answer.kind === 'reply', `${name} answers strangers`)
      check(kindOf(decodeRet(method, refused.answer.bytes)) === 'NotPermitted', `${name} refuses strangers`)
      rows.add(`${about}: refused to a stranger`, refused.instructions, MILLIONS, 5)
    }
    return rows.rows
  } finally {
    await clinic.close()
  }
}

/** What the smallest method accepts. */
const SMALL_BYTES = 64

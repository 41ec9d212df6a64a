import type { CommandGroup } from '../command.ts'
import { UsageError, valueOf } from '../exit-code.ts'
import { expectFree, save } from '../files.ts'
import { toTime } from '../format.ts'
import { openWitness } from '../witness-state.ts'

export const witnessCommands: CommandGroup = {
  usage: `\
  checkpoint [--make]               the newest signed note of the log; --make: asks for one
  witness FILE --name NAME          cosign it, once it is proven to continue the one before,
                                    and write the cosigned note; the key is made on first use`,
  commands: {
    checkpoint: {
      args: 0,
      options: ['make'],
      async run({ client, args: { options } }) {
        const found = valueOf(await client.checkpoint({ make: options.make === true }))
        if (found === null) return { value: null, words: 'No checkpoint yet: medguard checkpoint --make.' }
        return { value: found, words: `${found.note}\nkey ${found.key}\nsigned at ${toTime(found.signedNs)}` }
      },
    },
    witness: {
      args: 1,
      options: ['name'],
      async run({ client, stateDir, args: { subject, options } }) {
        if (options.name === undefined) throw new UsageError('witness FILE --name NAME')
        expectFree(subject)
        const witness = openWitness(stateDir, options.name)
        const { last } = witness
        const found = valueOf(
          await client.checkpoint(last === null ? {} : { since: { treeSize: last.treeSize, root: last.root } }),
        )
        if (found === null) throw new UsageError('the log has no checkpoint yet: medguard checkpoint --make')
        const cosigned = witness.cosign(found, BigInt(Date.now()))
        save(subject, new TextEncoder().encode(cosigned))
        const value = { out: subject, key: witness.key, origin: found.origin, treeSize: found.treeSize }
        return { value, words: `cosigned ${found.treeSize} entries as ${witness.key}, written to ${subject}` }
      },
    },
  },
}

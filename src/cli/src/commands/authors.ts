import type { AuthorKeyInfo } from '@medguard/client'
import type { CommandGroup } from '../command.ts'
import { valueOf } from '../exit-code.ts'
import { table, toTime } from '../format.ts'
import { byPrefix, expectPrefix, short } from './lookup.ts'

export const authorCommands: CommandGroup = {
  usage: `\
  author keys                       the keys that you sign records with
  author sign                       sign, from now on, what you store from this machine; laboratories
                                    and institutions have to
  author end KEY                    end one of them; what it signed stays signed`,
  commands: {
    'author keys': {
      args: 0,
      options: [],
      onlyAsks: true,
      async run({ client }) {
        const keys = valueOf(await client.authorKeys())
        return { value: keys, words: keys.length === 0 ? 'You sign nothing.' : keyTable(keys) }
      },
    },
    'author sign': {
      args: 0,
      options: [],
      async run({ client }) {
        valueOf(await client.enrol())
        const key = valueOf(await client.addAuthorKey())
        return { value: key, words: `what you store from here is signed now, with key ${short(key.keyId)}` }
      },
    },
    'author end': {
      args: 1,
      options: [],
      async run({ client, args }) {
        expectPrefix(args.subject, 'key')
        const found = byPrefix(valueOf(await client.authorKeys()), args.subject, (each) => each.keyId, 'key')
        const ended = valueOf(await client.endAuthorKey(found.keyId))
        return { value: ended, words: `key ${short(ended.keyId)} signs nothing more` }
      },
    },
  },
}

function keyTable(keys: readonly AuthorKeyInfo[]): string {
  return table(
    keys.map(({ keyId, algorithm, fromNs, endNs, isHere }) => [
      short(keyId),
      algorithm,
      `from ${toTime(fromNs)}`,
      endNs === null ? (isHere ? 'in force, on this machine' : 'in force') : `ended ${toTime(endNs)}`,
    ]),
  )
}

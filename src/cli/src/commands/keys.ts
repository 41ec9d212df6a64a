import type { Rewrapped } from '@medguard/client'
import type { CommandGroup } from '../command.ts'
import { valueOf } from '../exit-code.ts'

export const keyCommands: CommandGroup = {
  usage: `\
  rewrap                            change the keys of what somebody could read who may no more`,
  commands: {
    rewrap: {
      args: 0,
      options: [],
      async run({ client }) {
        const rewrapped = valueOf(await client.rewrap())
        return { value: rewrapped, words: wordsOf(rewrapped) }
      },
    },
  },
}

function wordsOf({ records, retired, damaged }: Rewrapped): string {
  const lines = [
    retired === 0 && records === 0
      ? 'No keys are to be changed.'
      : `Keys of ${records} records changed; old keys ended in ${retired} categories.`,
  ]
  if (damaged > 0)
    lines.push(
      `${damaged} records are damaged and keep their old keys, and so does their category until they are deleted.`,
    )
  return lines.join('\n')
}

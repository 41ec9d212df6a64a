import type { Hosting } from '@medguard/client'
import type { CommandGroup } from '../command.ts'
import { valueOf } from '../exit-code.ts'

export const networkCommands: CommandGroup = {
  usage: `\
  where                             where your data is kept, on how many nodes, who controls
                                    it, and what code runs: as the network certifies`,
  commands: {
    where: {
      args: 0,
      options: [],
      onlyAsks: true,
      async run({ client }) {
        const { parts, unreached } = valueOf(await client.hosting())
        const silent = unreached.map(({ name, canisterId }) => `${name}  ${canisterId}\n  did not answer`)
        return {
          value: [...parts, ...unreached],
          words: [...parts.map(hostingWords), ...silent, controlWords(parts, unreached.length > 0)].join('\n'),
        }
      },
    },
  },
}

const hostingWords = ({ name, canisterId, subnetId, nodes, controllers, moduleHash }: Hosting): string =>
  [
    `${name}  ${canisterId}`,
    `  kept on ${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'} of subnet ${subnetId}`,
    `  controlled by ${controllers.length === 0 ? 'nobody' : controllers.join(', ')}`,
    `  code ${moduleHash}`,
  ].join('\n')

/** The rule that consent and records must agree protects only where nobody controls two of the canisters (docs/security.md). */
function controlWords(hosting: readonly Hosting[], isPartly: boolean): string {
  const all = hosting.flatMap(({ controllers }) => controllers)
  return new Set(all).size === all.length
    ? `No controller has two of the canisters${isPartly ? ' that answered' : ''}.`
    : 'One controller has several of the canisters, and could read everything by changing their code.'
}

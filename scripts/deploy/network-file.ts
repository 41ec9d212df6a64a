import { readFileSync } from 'node:fs'

import { parseNetwork, type Network } from '@medguard/client'

import { UsageError } from '../project.ts'

/** `keyName` is the vetKD key of that network; it can never be changed without losing all data. @throws UsageError. */
export function readNetwork(file: string): { readonly network: Network; readonly keyName: string } {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    throw new UsageError(`cannot read ${file}`)
  }
  const network = parseNetwork(text)
  if (network === null) throw new UsageError(`${file} is not a network file (docs/network-file.md)`)
  // Present and known, or the line above had thrown.
  const { keyName } = JSON.parse(text) as { keyName: string }
  return { network, keyName }
}

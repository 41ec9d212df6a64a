import { expect, test } from 'vitest'

import { projectFiles } from '../tidy/project-files.ts'

// E12: whatever the contract does is in the log. Each event that a canister writes is asked for by name in a test on real canisters.

/** Written by nothing yet, or asked for by no scenario yet. */
const WAITING: ReadonlySet<string> = new Set([
  'guardianChanged', // said by recoveryChanged; the number is for life
  'capsule',
  'deposit',
  'exported',
  'councilAct',
  'organisationVerified',
  'organisationSuspended',
  'invitationMade',
  'invitationClaimed',
])

const files = projectFiles(['.ts'])
const [contract] = files.filter(({ path }) => path === 'src/protocol/src/log.ts')
const events = [
  ...(/export const EVENT = \{([^}]*)\}/.exec(contract?.text ?? '')?.[1] ?? '').matchAll(/^ {2}(\w+): 0x/gm),
].map(([, name = '']) => name)
const named = (text: string, name: string) => new RegExp(`EVENT\\.${name}\\b|'${name}'`).test(text)
const writers = files.filter(
  ({ path }) => /^canisters\/(consent|records|shared)\/src\//.test(path) && !/\.(test|fixture)\.ts$/.test(path),
)
const scenarios = files.filter(({ path }) => path.startsWith('test/scenarios/') || path.startsWith('test/simulation/'))

test('every event that a canister writes is asked for by a scenario', () => {
  expect(events.length).toBeGreaterThan(40)
  const isOpen = (name: string) =>
    !writers.some(({ text }) => named(text, name)) || !scenarios.some(({ text }) => named(text, name))
  expect(events.filter((name) => isOpen(name) && !WAITING.has(name))).toEqual([])
})

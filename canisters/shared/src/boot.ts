import { engine, isProbe } from './host.ts'

/**
 * A plain module evaluates the bundle in the message that installs or upgrades it. A pre-initialised one was evaluated by the build, outside
 * any network, and begins with that heap: what belongs to one life of a canister (open maps, timers, randomness) must wait for `boot`.
 */
const waiting: (() => void)[] = []

/** Runs `work` at the beginning of each life of the heap: now, or in `boot` of a module that the build evaluates. */
export function atStart(work: () => void): void {
  if (isProbe()) waiting.push(work)
  else work()
}

/**
 * Runs `work` only while the build evaluates the bundle, so that a pre-initialised module has in its heap what a library would make at its
 * first use: shapes of objects, for example. A plain module makes it then, as it would without this.
 */
export function whilePreInitialising(work: () => void): void {
  if (isProbe()) work()
}

/** First thing in the message that installs or upgrades. Does nothing in a plain module, where all has happened. */
export function boot(isInstall: boolean): void {
  if (!isProbe()) return
  engine._azleNodejsWasmEnvironment = false
  engine._azleIcpReplicaWasmEnvironment = true
  engine._azleInitCalled = isInstall
  engine._azlePostUpgradeCalled = !isInstall
  for (const work of waiting.splice(0)) work()
}

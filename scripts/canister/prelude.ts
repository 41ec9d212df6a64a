export interface PreludeOptions {
  /** What to import the canister's module by. */
  readonly specifier: string
  /** Names the canister in an error. */
  readonly label: string
  /** Whether the build asks the module for its interface: that takes the Candid library, 50 kB of source. */
  readonly printsInterface: boolean
}

/**
 * Source of a bundle's entry. It registers the canister's class as Azle's own prelude does (src/stable/build/commands/build/javascript.ts),
 * and keeps the table of callbacks where the host looks for it. Azle prints the interface each time the bundle is evaluated, 50 M
 * instructions; here it is printed when the build asks, and not at all where it is written down.
 */
export const preludeSource = ({ specifier, label, printsInterface }: PreludeOptions): string => `
  import 'azle/_internal/globals'
  import * as CanisterModule from ${JSON.stringify(specifier)}
  ${printsInterface ? PRINTING : NO_PRINTING}

  const CanisterClass = CanisterModule.default
  if (typeof CanisterClass !== 'function') throw new Error(${JSON.stringify(`the default export of ${label} is no class`)})
  const meta = {
    callbacks: {},
    canisterMethodIdlParamTypes: {},
    canisterMethodsIndex: 0,
    initAndPostUpgradeIdlTypes: [],
    methodMeta: { queries: [], updates: [] },
  }
  CanisterClass._azleCanisterClassMeta = meta
  new CanisterClass()
  globalThis._azleCanisterClassMeta = meta
  globalThis._azleGetCandidAndMethodMeta = () => JSON.stringify({ candid: printed(), methodMeta: meta.methodMeta })
`

const NO_PRINTING = `const printed = () => ''`
const PRINTING = `
  import { getDefaultVisitorData, IDL, idlToString } from 'azle'
  const printed = () => {
    const { queries, updates } = meta.methodMeta
    const hidden = new Set([...queries, ...updates].filter((method) => method.hidden).map((method) => method.name))
    const visible = Object.entries(meta.canisterMethodIdlParamTypes).filter(([name]) => !hidden.has(name))
    return idlToString(IDL.Service(Object.fromEntries(visible)), {
      ...getDefaultVisitorData(),
      isFirstService: true,
      initAndPostUpgradeParamIdlTypes: meta.initAndPostUpgradeIdlTypes,
    })
  }`

/**
 * How a canister of ours is declared:
 *
 *     const store = createAuditStore(openMap(0))
 *
 *     export default createCanister({
 *       service: auditService, // names, types, query or update and size limits, from the contract
 *       configuration: AuditConfiguration,
 *       anonymous: ['head'], // all others answer `NotSignedIn` to callers without an identity
 *       budgets: { rows, methods: { enrol: { … } } }, // beyond, `Busy`, before the argument is looked at
 *       handlers: {
 *         head: () => ({ Ok: store.head() }),
 *         append: ({ firstSeq, leaves }, caller) => …, // a value, or a promise where it calls other canisters
 *       },
 *       init: (configuration) => …,
 *       postUpgrade: (configuration) => …,
 *     })
 *
 * Azle's own decorators decode before our guard can look, keep a promise around every answer, and show callers a stack trace. So this file
 * fills the table that those decorators would fill. It is internal to Azle: the version is pinned, and the scenarios run the real module.
 */
import type { CanisterClassMeta } from 'azle'
import { IDL, opt, type Schema, type Service } from '@medguard/protocol'
import { createEndpoint, type EndpointOptions, type HandlersOf } from './answer.ts'
import { type BudgetOptions, createSpender } from './budgets.ts'
import { reportBug } from './bug.ts'
import { compileCodec } from './candid-codec.ts'
import { beginMessage } from './flow.ts'
import { host, isAnonymous } from './host.ts'

export interface CanisterOptions<S extends Service, C> {
  readonly service: S
  readonly handlers: HandlersOf<S>
  /** The type of the install and upgrade argument, which is optional. */
  readonly configuration: Schema<C>
  readonly anonymous?: readonly (keyof S & string)[]
  /** For updates that strangers may call and that make the state grow. */
  readonly budgets?: BudgetOptions<S>
  /** Runs once, in the message that installs. A throw refuses the installation. */
  readonly init?: (configuration: C | null) => void
  /** Runs in each message that upgrades, with the state there already. A throw refuses the upgrade. */
  readonly postUpgrade?: (configuration: C | null) => void
}

export function createCanister<S extends Service, C>(options: CanisterOptions<S, C>): new () => object {
  return class {
    /** Set by Azle before it makes the one instance. */
    static readonly _azleCanisterClassMeta: CanisterClassMeta | undefined

    constructor() {
      const meta = new.target._azleCanisterClassMeta
      if (meta !== undefined) register(meta, options)
    }
  }
}

function register<S extends Service, C>(meta: CanisterClassMeta, options: CanisterOptions<S, C>): void {
  const { service, handlers, anonymous = [], budgets } = options
  const add = (run: () => void): number => {
    const index = meta.canisterMethodsIndex++
    // The host takes any function and looks for a promise itself: a plain one costs a tenth.
    meta.callbacks[index.toString()] = run as () => Promise<void>
    return index
  }
  for (const [name, method] of Object.entries(service)) {
    const handler = handlers[name] as EndpointOptions['handler']
    const isQuery = method.mode === 'query'
    const budget = budgets?.methods[name]
    if (isQuery && budget !== undefined) throw new Error(`${name} is a query, which cannot count its calls`)
    const spend = budgets === undefined || budget === undefined ? undefined : createSpender(budgets.rows, budget)
    const allowsAnonymous = anonymous.includes(name)
    const endpoint = createEndpoint({ name, method, handler, allowsAnonymous, spend }, host())
    const entry = { name, index: add(endpoint), composite: false, hidden: false }
    ;(isQuery ? meta.methodMeta.queries : meta.methodMeta.updates)?.push(entry)
    const annotations = isQuery ? ['query'] : []
    meta.canisterMethodIdlParamTypes[name] =
      method.arg.did === ''
        ? IDL.Func([], [method.ret.idl], annotations)
        : IDL.Func([method.arg.idl], [method.ret.idl], annotations)
  }
  const argument = opt(options.configuration)
  meta.initAndPostUpgradeIdlTypes = [argument.idl]
  const lifecycle = (name: string, run: ((configuration: C | null) => void) | undefined) => {
    const index = add(() => {
      beginMessage()
      try {
        const configuration = readConfiguration(argument) // checked where nobody asks for it, too
        run?.(configuration)
      } catch (error) {
        reportBug(error, name)
      }
    })
    return { name, index }
  }
  meta.methodMeta.init = lifecycle('init', options.init)
  meta.methodMeta.post_upgrade = lifecycle('postUpgrade', options.postUpgrade)
  meta.methodMeta.inspect_message = { name: 'inspectMessage', index: add(() => inspect(service)) }
}

/**
 * Drops messages of strangers before the network charges for them. It decides nothing: it does not run for calls between canisters, and a
 * malicious node can skip it.
 */
function inspect(service: Service): void {
  const functions = host()
  const name = functions.msgMethodName()
  const method = Object.hasOwn(service, name) ? service[name] : undefined
  if (method === undefined || isAnonymous(functions.msgCaller())) return
  if (functions.msgArgData().length <= method.argBytesMax) functions.acceptMessage()
}

/** An argument may be left out: no bytes, no values, or null. @throws Error for anything that is no configuration. */
function readConfiguration<C>(schema: Schema<[] | [C]>): C | null {
  const bytes = host().msgArgData()
  const isAbsent = bytes.length === 0 || (bytes.length === 6 && bytes[4] === 0 && bytes[5] === 0)
  if (isAbsent) return null
  const decoded = compileCodec(schema).decode(bytes)
  if ('refused' in decoded) throw new Error('the install argument is not of this type')
  const [configuration = null] = decoded.value
  return configuration
}

/**
 * How a canister of ours is declared:
 *
 *     const store = createAuditStore(openMap(0))
 *
 *     export default createCanister({
 *       service: auditEndpoints, // names, types, query or update and size limits, made from the contract
 *       anonymous: ['head'], // all others answer `NotSignedIn` to callers without an identity
 *       budgets: { rows, methods: { enrol: { … } } }, // beyond, `Busy`, before the argument is looked at
 *       repeated: { rows, answered: ['invite'], noted: ['grant'] }, // happen once for each request id, however often the message comes
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
import type { ArgOf, Service } from '@medguard/protocol'
import { createEndpoint, type EndpointOptions, type HandlersOf } from './answer.ts'
import { boot, whilePreInitialising } from './boot.ts'
import { type BudgetOptions, createSpender } from './budgets.ts'
import { reportBug } from './bug.ts'
import type { Decoder } from './candid-codec.ts'
import { saysAbsent } from './candid-foreign.ts'
import type { Endpoints } from './endpoints.ts'
import { beginMessage } from './flow.ts'
import { host, isAnonymous, nowNs, setCertifiedData } from './host.ts'
import { createHttpEndpoint, HTTP_QUERY, HTTP_UPDATE, type HttpHandlers } from './http/http-endpoint.ts'
import { UNCERTIFIED_ROOT } from './http/uncertified.ts'
import type { Rows } from './maps.ts'
import { startSeeding } from './random.ts'
import { createRepeats } from './repeats.ts'
import { warmUp } from './warm.ts'

export interface CanisterOptions<S extends Service, C> {
  readonly service: Endpoints<S, C>
  readonly handlers: HandlersOf<S>
  /** For canisters that speak HTTP, beside the service: a gateway asks for whoever sends a request, and signs in as nobody. */
  readonly http?: HttpHandlers
  readonly anonymous?: readonly (keyof S & string)[]
  /** For updates that strangers may call and that make the state grow. */
  readonly budgets?: BudgetOptions<S>
  /** Changes, each known for a day by its argument's `requestId`. */
  readonly repeated?: {
    readonly rows: Rows
    /** Those that would happen twice if their message did: the first answer is kept. */
    readonly answered: readonly ChangeName<S>[]
    /** Those that are repeatable by an id of their own: only that the request id is taken is kept. */
    readonly noted: readonly ChangeName<S>[]
  }
  /** Runs once, in the message that installs. A throw refuses the installation. */
  readonly init?: (configuration: C | null) => void
  /** Runs in each message that upgrades, with the state there already. A throw refuses the upgrade. */
  readonly postUpgrade?: (configuration: C | null) => void
}

/** A method whose argument has a `requestId`. */
type ChangeName<S extends Service> = {
  [K in keyof S & string]: ArgOf<S[K]> extends { readonly requestId: Uint8Array } ? K : never
}[keyof S & string]

export function createCanister<S extends Service, C>(options: CanisterOptions<S, C>): new () => object {
  whilePreInitialising(warmUp)
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
  const { service, handlers, anonymous = [], budgets, repeated } = options
  const repeats = repeated === undefined ? undefined : createRepeats(repeated.rows, nowNs)
  const answered: ReadonlySet<string> = new Set(repeated?.answered)
  const noted: ReadonlySet<string> = new Set(repeated?.noted)
  const add = (run: () => void): number => {
    const index = meta.canisterMethodsIndex++
    // The host takes any function and looks for a promise itself: a plain one costs a tenth.
    meta.callbacks[index.toString()] = run as () => Promise<void>
    return index
  }
  for (const [name, method] of Object.entries(service.methods)) {
    const handler = handlers[name] as EndpointOptions['handler']
    const isQuery = method.mode === 'query'
    const budget = budgets?.methods[name]
    if (isQuery && budget !== undefined) throw new Error(`${name} is a query, which cannot count its calls`)
    const spend = budgets === undefined || budget === undefined ? undefined : createSpender(budgets.rows, budget)
    const allowsAnonymous = anonymous.includes(name)
    const isRepeatable = noted.has(name)
    const isChange = isRepeatable || answered.has(name)
    if (isQuery && isChange) throw new Error(`${name} is a query, which changes nothing`)
    const memory = isChange && repeats !== undefined ? { repeats, isRepeatable } : undefined
    const endpoint = createEndpoint({ name, method, handler, allowsAnonymous, spend, memory }, host())
    const entry = { name, index: add(endpoint), composite: false, hidden: false }
    ;(isQuery ? meta.methodMeta.queries : meta.methodMeta.updates)?.push(entry)
  }
  const { http } = options
  if (http !== undefined) {
    const addHttp = (name: string, handler: HttpHandlers['update']) => ({
      name,
      index: add(createHttpEndpoint(http, name, handler, host())),
      composite: false,
      hidden: false,
    })
    meta.methodMeta.queries?.push(addHttp(HTTP_QUERY, http.query))
    meta.methodMeta.updates?.push(addHttp(HTTP_UPDATE, http.update))
  }
  const lifecycle = (name: string, run: ((configuration: C | null) => void) | undefined) => {
    const index = add(() => {
      beginMessage()
      try {
        boot(name === 'init')
        startSeeding()
        if (http !== undefined) setCertifiedData(UNCERTIFIED_ROOT)
        const configuration = readConfiguration(service.argument) // checked where nobody asks for it, too
        run?.(configuration)
      } catch (error) {
        reportBug(error, name)
      }
    })
    return { name, index }
  }
  meta.methodMeta.boots = true
  meta.methodMeta.init = lifecycle('init', options.init)
  meta.methodMeta.post_upgrade = lifecycle('postUpgrade', options.postUpgrade)
  meta.methodMeta.inspect_message = { name: 'inspectMessage', index: add(() => inspect(service.methods, http)) }
}

/**
 * Drops messages of strangers before the network charges for them. It decides nothing: it does not run for calls between canisters, and a
 * malicious node can skip it. Of what changes a canister only a request of the HTTP gateway comes from nobody (decision 24).
 */
function inspect(
  methods: { readonly [name: string]: { readonly argBytesMax: number } },
  http: HttpHandlers | undefined,
): void {
  const functions = host()
  const name = functions.msgMethodName()
  const isHttp = name === HTTP_UPDATE && http !== undefined
  const method = isHttp ? http : Object.hasOwn(methods, name) ? methods[name] : undefined
  if (method === undefined || (!isHttp && isAnonymous(functions.msgCaller()))) return
  if (functions.msgArgData().length <= method.argBytesMax) functions.acceptMessage()
}

/**
 * An argument may be left out: no bytes, no values, or null. Something else is never read as that, though Candid would have it so: an upgrade has
 * to fail that brings a configuration and loses it.
 *
 * @throws Error for anything that is no configuration.
 */
function readConfiguration<C>(argument: Decoder<[] | [C]>): C | null {
  const bytes = host().msgArgData()
  const isLeftOut = bytes.length === 0 || (bytes.length === 6 && bytes[4] === 0 && bytes[5] === 0)
  if (isLeftOut) return null
  const decoded = argument.decode(bytes)
  const [configuration = null] = 'value' in decoded ? decoded.value : []
  if ('refused' in decoded || (configuration === null && !saysAbsent(bytes)))
    throw new Error('the install argument is not of this type')
  return configuration
}

import { equalBytes, type Principal, refuse, type RefusalArm } from '@medguard/protocol'
import type { Codec } from './candid-codec.ts'
import type { Encodable } from './candid-write.ts'
import { isAnonymous } from './host.ts'
import type { Rows } from './maps.ts'

export interface ConfigurationOptions<C> {
  readonly rows: Rows
  readonly codec: Codec<C>
  /** The peers it names, by field. */
  readonly peers: (configuration: C) => Readonly<Record<string, Principal>>
  /** What else has to hold. `present` is what it would replace, if anything. */
  readonly check?: (configuration: C, present: C | null) => RefusalArm | null
  /** Runs in the message that changes it, after it is stored. `bytes` is its Candid form, the same for the same configuration. */
  readonly onChange: (configuration: C, bytes: Uint8Array) => void
}

const KEY = new Uint8Array(0)

/**
 * Configure once (decision 31): canisters install without arguments and answer `NotReady` until a controller names their peers; afterwards only
 * an upgrade changes that. Who may call is the network's list of controllers, so there is no owner to steal.
 */
export function createConfiguration<C>(options: ConfigurationOptions<C>) {
  const { rows, codec, peers, check, onChange } = options
  let cached: C | null = null
  const refuseIt = (configuration: C, self: Uint8Array): RefusalArm | null => {
    const seen: Uint8Array[] = []
    for (const [field, principal] of Object.entries(peers(configuration))) {
      const id = principal.toUint8Array()
      if (id.length === 0 || isAnonymous(id)) return refuse.badInput(field, 'missing')
      if (equalBytes(id, self)) return refuse.badInput(field, 'own')
      if (seen.some((other) => equalBytes(other, id))) return refuse.badInput(field, 'duplicate')
      seen.push(id)
    }
    return check?.(configuration, present()) ?? null
  }
  const present = (): C | null => {
    if (cached !== null) return cached
    const bytes = rows.get(KEY)
    if (bytes === undefined) return null
    const decoded = codec.decode(bytes)
    if ('refused' in decoded) throw new Error('the stored configuration is none')
    return (cached = decoded.value)
  }
  const store = (configuration: C, bytes: Uint8Array) => {
    rows.set(KEY, bytes)
    cached = configuration
    onChange(configuration, bytes)
  }
  /** Compared as this version writes it: what an earlier one stored lacks the fields that came since. */
  const isPresent = (bytes: Uint8Array): boolean => {
    const stored = rows.get(KEY)
    if (stored === undefined) return false
    if (equalBytes(stored, bytes)) return true
    const decoded = codec.decode(stored)
    return 'value' in decoded && equalBytes(codec.encode(decoded.value as Encodable<C>), bytes)
  }
  return {
    /** For a message that needs none of it. */
    isSet: (): boolean => cached !== null || rows.has(KEY),
    /** Null until configured: answer `NotReady`. */
    get: present,
    /** The method `configure`. The same configuration again is `Ok`, another one `IdConflict`. */
    configure(
      configuration: C,
      context: { isController: boolean; self: Uint8Array },
    ): { Ok: null } | { Err: RefusalArm } {
      if (!context.isController) return { Err: refuse.notPermitted }
      const refusal = refuseIt(configuration, context.self)
      if (refusal !== null) return { Err: refusal }
      const bytes = codec.encode(configuration as Encodable<C>)
      if (rows.has(KEY)) return isPresent(bytes) ? { Ok: null } : { Err: refuse.idConflict }
      store(configuration, bytes)
      return { Ok: null }
    },
    /**
     * The argument of an install or upgrade; null leaves everything as it is.
     * @throws Error for one that `configure` would refuse, so that the upgrade does not happen.
     */
    replace(configuration: C | null, self: Uint8Array): void {
      if (configuration === null) return
      if (refuseIt(configuration, self) !== null) throw new Error('the configuration is refused')
      const bytes = codec.encode(configuration as Encodable<C>)
      if (!isPresent(bytes)) store(configuration, bytes)
    },
  }
}
export type Configuration<C> = ReturnType<typeof createConfiguration<C>>

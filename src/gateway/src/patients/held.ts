import type { Resource, WithId } from '../medplum.ts'

/** A resource as it is served, and where it is from. In memory only. */
export interface Held {
  /** `Observation/<id>` */
  readonly key: string
  readonly resource: WithId<Resource>
  /** Hexadecimal; also the id of their Patient. */
  readonly patientId: string
  /** One that it may be read under at this moment. */
  readonly grantId: string
  /** The record that it stands in; null for what the gateway says itself. */
  readonly record: {
    readonly recordId: string
    readonly version: number
    readonly depositedBy: string | null
    /** Acknowledged, and not in the vault yet. */
    readonly isOnItsWay: boolean
  } | null
  /** What it is found by, as far as somebody looked. Goes with it. */
  readonly index: Map<string, unknown>
}

/** What may be read at one moment: of some patients, or of all. Whoever asks next asks for another one. */
export interface View {
  readonly resources: readonly Held[]
  readonly byKey: ReadonlyMap<string, Held>
  /** Records that fail their checks, and are in no answer. */
  readonly damaged: number
}

export function viewOf(resources: readonly Held[], damaged: number): View {
  let byKey: ReadonlyMap<string, Held> | null = null
  return {
    resources,
    damaged,
    // Most searches ask for nothing by its name.
    get byKey() {
      return (byKey ??= new Map(resources.map((held) => [held.key, held])))
    },
  }
}

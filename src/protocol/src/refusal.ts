// What canisters link of refusals: their types are no part of it, since building those costs more than all else at start-up.
import type { RefusalArm } from './refusal-schema.ts'

/** A refusal as TypeScript handles it: a union on `kind`. */
export type Refusal =
  | {
      readonly kind:
        | 'NotSignedIn'
        | 'NotPermitted'
        | 'LogUnavailable'
        | 'NotReady'
        | 'AlreadyDone'
        | 'IdConflict'
        | 'Full'
        | 'Unverified'
        | 'Paused'
        | 'LowCycles'
        | 'Expired'
    }
  | { readonly kind: 'ConsentEnded'; readonly endNs: bigint }
  | { readonly kind: 'NotYet'; readonly atNs: bigint }
  | { readonly kind: 'Busy'; readonly retryAfterMs: number }
  | { readonly kind: 'StaleEpoch' | 'Stale'; readonly current: number }
  | { readonly kind: 'TooLarge'; readonly maxBytes: number }
  | { readonly kind: 'BadInput'; readonly field: string; readonly code: string }
  | { readonly kind: 'KeysUnavailable'; readonly code: number }
export type RefusalKind = Refusal['kind']

export type Result<T> = { Ok: T } | { Err: RefusalArm }

export function refusalOf(arm: RefusalArm): Refusal {
  const [kind, details] = Object.entries(arm)[0] as [RefusalKind, Record<string, unknown> | null]
  return { kind, ...details } as Refusal
}

export const refuse = {
  notSignedIn: { NotSignedIn: null },
  notPermitted: { NotPermitted: null },
  logUnavailable: { LogUnavailable: null },
  notReady: { NotReady: null },
  alreadyDone: { AlreadyDone: null },
  idConflict: { IdConflict: null },
  full: { Full: null },
  unverified: { Unverified: null },
  paused: { Paused: null },
  lowCycles: { LowCycles: null },
  expired: { Expired: null },
  notYet: (atNs: bigint) => ({ NotYet: { atNs } }),
  consentEnded: (endNs: bigint) => ({ ConsentEnded: { endNs } }),
  busy: (retryAfterMs: number) => ({ Busy: { retryAfterMs } }),
  staleEpoch: (current: number) => ({ StaleEpoch: { current } }),
  stale: (current: number) => ({ Stale: { current } }),
  tooLarge: (maxBytes: number) => ({ TooLarge: { maxBytes } }),
  badInput: (field: string, code: string) => ({ BadInput: { field, code } }),
  keysUnavailable: (code: number) => ({ KeysUnavailable: { code } }),
} satisfies Record<string, RefusalArm | ((...args: never[]) => RefusalArm)>

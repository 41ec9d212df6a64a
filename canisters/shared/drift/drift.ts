// Azle's real exports must fit what `azle.d.ts` says about them. Compiled by `scripts/check-drift.ts` under this folder's
// tsconfig, without the path mapping and without our strict flags, which Azle's own sources do not pass.
import * as real from 'azle'

import type { CanisterClassMeta as RealClassMeta } from '../../../node_modules/azle/src/stable/lib/canister_methods/index'
import type { AzleIc } from '../../../node_modules/azle/src/stable/lib/ic_apis/azle_ic_stable'
import type * as Declared from '../azle'

export const declared: typeof Declared = real
export const hostFunctions = (host: AzleIc): Declared.HostFunctions => host
export const classMeta = (meta: RealClassMeta): Declared.CanisterClassMeta => meta
export const callOptions = (options: Declared.CallOptions<Uint8Array>): real.CallOptions<Uint8Array> => options
export const callError = (error: real.CallError): Declared.CallError => error

import type { Vaults } from '../patients/vaults.ts'
import type { Scopes } from '../smart/scopes.ts'
import type { Writer } from './writing.ts'
import type { Versions } from './versions.ts'

/** On whose behalf one request is answered, and with what. */
export interface Access {
  readonly clientId: string
  readonly scopes: Scopes
  /** `Prefer: handling=lenient`: parameters that are not known are left out, and named. */
  readonly isLenient: boolean
  readonly baseUrl: string
  readonly nowMs: number
  readonly vaults: Vaults
  readonly writer: Writer
  readonly versions: Versions
}

import { createHash, randomBytes } from 'node:crypto'
import type { Scopes } from './scopes.ts'

export const TOKEN_LIFE_SECONDS = 300
const TOKENS_MAX = 10_000

export interface Holder {
  readonly clientId: string
  readonly scopes: Scopes
}

/** Access tokens: random, short, in memory, and kept as their hash. */
export function createTokens() {
  const byHash = new Map<string, Holder & { readonly endMs: number }>()
  const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url')
  return {
    issue(holder: Holder, nowMs: number): string {
      for (const [hash, { endMs }] of byHash) if (endMs <= nowMs || byHash.size >= TOKENS_MAX) byHash.delete(hash)
      const token = randomBytes(32).toString('base64url')
      byHash.set(hashOf(token), { ...holder, endMs: nowMs + TOKEN_LIFE_SECONDS * 1000 })
      return token
    },
    /** Null for what is no token, or is over. */
    holderOf(authorization: string | undefined, nowMs: number): Holder | null {
      const [, token] = /^Bearer ([\w-]{43})$/i.exec(authorization ?? '') ?? []
      const found = token === undefined ? undefined : byHash.get(hashOf(token))
      return found === undefined || found.endMs <= nowMs ? null : found
    },
  }
}
export type Tokens = ReturnType<typeof createTokens>

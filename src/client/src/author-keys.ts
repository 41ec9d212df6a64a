import { AUTHOR_ALGORITHM, type AuthorSigner, proveAuthorKey } from '@medguard/crypto'
import { type AuthorKeyView, equalBytes, type GrantView, orgIdOf, refusalOf, refuse, toHex } from '@medguard/protocol'
import type { AuthorKeeper, AuthorKeyInfo, AuthorMethods } from './author-api.ts'
import { isStrict } from './authors.ts'
import { idOf, newId, okOf, Refused } from './outcome.ts'
import type { Session } from './session.ts'

/** One's own keys to sign records with. */
export function authorMethods({ canisters, unlocked, authors, identity }: Session): AuthorMethods {
  const register = async (author: AuthorSigner): Promise<AuthorKeyInfo> => {
    const { algorithm, publicKey } = author
    const proof = await proveAuthorKey(author, identity.getPrincipal().toUint8Array())
    const arg = { algorithm, publicKey, proof, requestId: newId() }
    return infoOf(okOf(await canisters.consent.addAuthorKey(arg)), author)
  }
  return {
    authorKeys: () =>
      unlocked(async () => {
        const author = await authors.read()
        return okOf(await canisters.consent.authorKeys(null)).map((key) => infoOf(key, author))
      }),
    addAuthorKey: () =>
      unlocked(async () => {
        const added = await register((await authors.read()) ?? (await authors.make()))
        if (added.endNs === null) return added
        await authors.remove() // ended from elsewhere: it signs nothing more
        return register(await authors.make())
      }),
    endAuthorKey: (keyId) =>
      unlocked(async () => {
        const author = await authors.read()
        const ended = okOf(await canisters.consent.endAuthorKey({ keyId: idOf(keyId), requestId: newId() }))
        const info = infoOf(ended, author)
        if (info.isHere) await authors.remove()
        return info
      }),
  }
}

/** For who signs nothing. @throws Refused where something has to be signed. */
export const SIGNS_NOTHING: AuthorKeeper = {
  read: async () => null,
  make: async () => {
    throw new Refused(NO_AUTHOR)
  },
  remove: async () => {},
}

/** A laboratory or an institution signs what it deposits (decision 8). @throws Refused without a key. */
export async function expectAuthor(
  { canisters, authors }: Session,
  { grantee }: Pick<GrantView, 'grantee'>,
): Promise<void> {
  const orgId = orgIdOf(grantee.toUint8Array())
  const isMissing = orgId !== null && (await authors.read()) === null
  if (isMissing && (await isStrict(canisters, orgId.slice()))) throw new Refused(NO_AUTHOR)
}
export const NO_AUTHOR = refusalOf(refuse.badInput('author', 'missing'))

function infoOf(key: AuthorKeyView, author: AuthorSigner | null): AuthorKeyInfo {
  const [endNs] = key.endNs
  return {
    keyId: toHex(key.keyId),
    algorithm: key.algorithm === AUTHOR_ALGORITHM.ed25519 ? 'Ed25519' : 'P-256',
    registeredBy: key.principal.toText(),
    fromNs: key.fromNs,
    endNs: endNs ?? null,
    isHere: author !== null && equalBytes(author.keyId, key.keyId),
  }
}

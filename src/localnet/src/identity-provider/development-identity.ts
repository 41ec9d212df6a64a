// Who a name is on this network. Anyone can be anyone: the secret below is public, so that page, command line and tests agree.
import { createHmac } from 'node:crypto'
import { ed25519FromSeed, type Ed25519Key, plain, selfAuthenticating, sha256, utf8 } from '../certificates/index.ts'

const PROVIDER_SECRET = sha256(utf8('localnet/1/identity provider'))
export const NAME_CHARS_MAX = 64

/** A name or an origin that cannot be signed in with. The message is for the person. */
export class SignInRefused extends Error {
  override readonly name = 'SignInRefused'
}

export interface DevelopmentIdentity {
  /** Ed25519 seed, 32 bytes: `Ed25519KeyIdentity.generate(seed)` of @dfinity/identity is this identity. */
  readonly seed: Uint8Array
  /** 44 bytes. */
  readonly publicKeyDer: Uint8Array
  /** 29 bytes. */
  readonly principal: Uint8Array
  readonly sign: Ed25519Key['sign']
}

/**
 * The identity that the sign-in page gives this name at this origin: another origin, another principal.
 * @param origin scheme and host, for instance `http://aaaaa-aa.localhost`; the derivation origin where a page names one.
 * @param name 1 to 64 characters; case and spaces around it make no difference.
 * @throws SignInRefused for another name or for what is no origin.
 */
export function developmentIdentity({ origin, name }: { origin: string; name: string }): DevelopmentIdentity {
  const subject = canonicalName(name)
  // A NUL ends the origin, which holds none, so no two pairs give the same bytes.
  const mac = createHmac('sha256', PROVIDER_SECRET).update(`${canonicalOrigin(origin)}\0${subject}`)
  const seed = plain(mac.digest())
  const key = ed25519FromSeed(seed)
  return { seed, publicKeyDer: key.publicKeyDer, principal: selfAuthenticating(key.publicKeyDer), sign: key.sign }
}

/** @throws SignInRefused */
export function canonicalOrigin(text: string): string {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw new SignInRefused(`${JSON.stringify(text.slice(0, 100))} is not an origin.`)
  }
  if (url.origin === 'null' || url.origin !== text)
    throw new SignInRefused(`${JSON.stringify(text.slice(0, 100))} is not an origin.`)
  return url.origin
}

function canonicalName(name: string): string {
  const subject = name.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase()
  if (subject.length === 0) throw new SignInRefused('Please enter a name.')
  if (subject.length > NAME_CHARS_MAX) throw new SignInRefused(`Please use at most ${NAME_CHARS_MAX} characters.`)
  // oxlint-disable-next-line no-control-regex
  if (/[\x00-\x1f\x7f]/.test(subject)) throw new SignInRefused('Please use letters, digits and spaces.')
  return subject
}

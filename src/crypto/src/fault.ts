/** The one error this package throws for input that may come from an attacker. Wrong arguments are a RangeError. */
import type { Decoded } from './decoded.ts'

export type CryptoFaultCode =
  | 'BadFormat' // bytes that are no value of their format
  | 'UnknownSuite' // a suite this version does not read
  | 'UnknownEncoding' // a content coding that this version does not read
  | 'UnsupportedAlgorithm' // a reserved wrap algorithm
  | 'WrongPlace' // a sound value that belongs to another record, patient or tier
  | 'WrongKey' // a key that fails its check, or another epoch's
  | 'Tampered' // authentication failed: the bytes were changed or moved here from elsewhere
  | 'CommitmentMismatch' // the author's own claims contradict one another
  | 'TruncatedBody' // a chunk, or the end of one, is missing
  | 'TrailingData' // more than the manifest says
  | 'SourceChanged' // what is being sealed is no longer what it was when its sealing began
  | 'Unavailable' // no WebCrypto here, as on a page without a secure origin

/** Messages are fixed sentences: no key, no content, no identifier. */
export class CryptoFault extends Error {
  override readonly name = 'CryptoFault'
  readonly code: CryptoFaultCode
  constructor(code: CryptoFaultCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** The decoded value. @throws CryptoFault with the decoder's own code. */
export function expectDecoded<T>(decoded: Decoded<T>): T {
  if (!decoded.ok) throw new CryptoFault(decoded.code, decoded.what)
  return decoded.value
}

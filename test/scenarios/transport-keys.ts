import { fromHex } from '@medguard/protocol'

/** Compressed generator of G1 of BLS12-381 (draft-irtf-cfrg-pairing-friendly-curves-11, section 4.2.1). */
const GENERATOR = '97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb'

const point = (hex: string): Uint8Array => {
  const bytes = fromHex(hex)
  if (bytes === null) throw new Error('not hexadecimal')
  return bytes
}

/** Points under which an encrypted key is no secret, and bytes that are no point at all. */
export const BAD_TRANSPORT_KEYS: Readonly<Record<string, Uint8Array>> = {
  infinity: point(`c0${'00'.repeat(47)}`),
  'infinity with the sign bit': point(`e0${'00'.repeat(47)}`),
  'the generator': point(GENERATOR),
  'the negative of the generator': point(`b7${GENERATOR.slice(2)}`),
  'an uncompressed point': point(`17${GENERATOR.slice(2)}`),
  'one byte too few': point(GENERATOR).slice(0, 47),
  'one byte too many': point(`${GENERATOR}00`),
  'no bytes': new Uint8Array(),
  'all zeros': new Uint8Array(48),
}

/** Well formed and no point to encrypt to: the canisters leave curve and subgroup to the network. x is 1, 4 and 0. */
export const NO_POINTS: Readonly<Record<string, Uint8Array>> = {
  'not on the curve': point(`80${'00'.repeat(46)}01`),
  'on the curve and not in the group of prime order': point(`80${'00'.repeat(46)}04`),
  'of order three': point(`80${'00'.repeat(47)}`),
  'of order three, the negative': point(`a0${'00'.repeat(47)}`),
  'beyond the field': point(`9f${'ff'.repeat(47)}`),
}

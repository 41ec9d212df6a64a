import { ed25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import { createCanister, whilePreInitialising } from '@medguard/shared'

import { curvesEndpoints } from './curves-codecs.ts'
import { CURVE } from './curves-service.ts'

const message = new Uint8Array(32)
// Verifying anything fills the tables of a curve; so does signing, and this needs no vectors.
whilePreInitialising(() => {
  const secret = new Uint8Array(32).fill(1)
  ed25519.verify(ed25519.sign(message, secret), message, ed25519.getPublicKey(secret))
  p256.verify(p256.sign(message, secret).toCompactRawBytes(), message, p256.getPublicKey(secret))
})

export default createCanister({
  service: curvesEndpoints,
  handlers: {
    verify({ curve, key, message: signed, signature }) {
      const verify = curve === CURVE.ed25519 ? ed25519.verify : p256.verify
      return { Ok: verify(new Uint8Array(signature), new Uint8Array(signed), new Uint8Array(key)) }
    },
    isThere: () => ({ Ok: true }),
  },
})

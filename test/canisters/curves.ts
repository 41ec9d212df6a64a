import { SIGNATURE_ALGORITHM } from '@medguard/protocol'
import { createCanister } from '@medguard/shared'
import { verifySignature } from '@medguard/shared/signatures'

import { curvesEndpoints } from './curves-codecs.ts'
import { CURVE } from './curves-service.ts'

export default createCanister({
  service: curvesEndpoints,
  handlers: {
    verify({ curve, key, message, signature }) {
      const algorithm = curve === CURVE.ed25519 ? SIGNATURE_ALGORITHM.ed25519 : SIGNATURE_ALGORITHM.p256
      return { Ok: verifySignature(algorithm, key, message, signature) }
    },
    isThere: () => ({ Ok: true }),
  },
})

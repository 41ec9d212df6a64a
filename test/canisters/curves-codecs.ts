// Made by the build from the contract (scripts/generate-codecs.ts): change that.
import type { CurvesService } from './curves-service.ts'
import {
  type Arms,
  type Encodable,
  type Endpoints,
  codec,
  decoder,
  encoder,
  nothing,
  NO_ARM,
  readBlob,
  readBool,
  readNat32,
  readNat8,
  writeBool,
  writeByte,
  writeNat32,
  writeNat64,
  writeText,
} from '@medguard/shared/candid'

const verifyArgDecoder = /* @__PURE__ */ decoder<VerifyArg>(() => [1279543620, 1820028162, -963404028, -973602814, 109486, -220096081, -339248380, 643268, 257], 34, (w) => w[0] === 1279543620 && w[1] === 1820028162 && w[2] === -963404028 && w[3] === -973602814 && w[4] === 109486 && w[5] === -220096081 && w[6] === -339248380 && w[7] === 643268 && ((w[8] ?? 0) & 65535) === 257, readVerifyArg)
const verifyRetEncoder = /* @__PURE__ */ encoder<VerifyRet>(() => [1279543620, -1191089143, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 325810436, -1176257031, -372375551, 2130878690, -538606887, -1414594302, 2130900216, -2021211737, -219348477, 2130955005, -509181792, -588250364, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912194554, 2131214770, -561582192, -410976248, 2131294636, -671174156, -391807223, 84733178, -1279330916, -258341363, 2131686275, -1779527803, 40599311, 2114030268, 30604997, 524551], 195, writeVerifyRet)
const configurationEncoder = /* @__PURE__ */ encoder<number>(() => [1279543620, 7930112], 7, writeNat32)
const configurationDecoder = /* @__PURE__ */ decoder<number>(() => [1279543620, 7930112], 7, (w) => w[0] === 1279543620 && ((w[1] ?? 0) & 16777215) === 7930112, readNat32)
const argumentDecoder = /* @__PURE__ */ decoder<[] | [number]>(() => [1279543620, 24735233, 0], 9, (w) => w[0] === 1279543620 && w[1] === 24735233 && ((w[2] ?? 0) & 255) === 0, (): [] | [number] => readBool() ? [readNat32()] : [])

export const curvesEndpoints: Endpoints<CurvesService, number> = {
  methods: {
    verify: {
      mode: 'update',
      argBytesMax: 1000,
      arg: verifyArgDecoder,
      ret: verifyRetEncoder,
    },
    isThere: {
      mode: 'query',
      argBytesMax: 64,
      arg: nothing,
      ret: verifyRetEncoder,
    },
  },
  configuration: /* @__PURE__ */ codec(configurationEncoder, configurationDecoder),
  argument: argumentDecoder,
}

type VerifyArg = { key: Uint8Array; signature: Uint8Array; curve: number; message: Uint8Array }
type VerifyRet = { Ok: boolean } | { Err: Refusal }
type Refusal = { Stale: RefusalStale } | { Paused: null } | { Busy: RefusalBusy } | { Full: null } | { TooLarge: RefusalTooLarge } | { IdConflict: null } | { ConsentEnded: RefusalConsentEnded } | { NotReady: null } | { LogUnavailable: null } | { NotPermitted: null } | { NotYet: RefusalNotYet } | { LowCycles: null } | { StaleEpoch: RefusalStale } | { Unverified: null } | { NotSignedIn: null } | { BadInput: RefusalBadInput } | { KeysUnavailable: RefusalKeysUnavailable } | { AlreadyDone: null } | { Expired: null }
type RefusalStale = { current: number }
type RefusalBusy = { retryAfterMs: number }
type RefusalTooLarge = { maxBytes: number }
type RefusalConsentEnded = { endNs: bigint }
type RefusalNotYet = { atNs: bigint }
type RefusalBadInput = { field: string; code: string }
type RefusalKeysUnavailable = { code: number }
function readVerifyArg(): VerifyArg {
  return { key: readBlob(), signature: readBlob(), curve: readNat8(), message: readBlob() }
}
function writeVerifyRet(value: Arms<Encodable<VerifyRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeBool(value.Ok)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeRefusal(value: Arms<Encodable<Refusal>>): void {
  if (value.Stale !== undefined) {
    writeByte(0)
    writeNat32(value.Stale.current)
  } else if (value.Paused !== undefined) writeByte(1)
  else if (value.Busy !== undefined) {
    writeByte(2)
    writeNat32(value.Busy.retryAfterMs)
  } else if (value.Full !== undefined) writeByte(3)
  else if (value.TooLarge !== undefined) {
    writeByte(4)
    writeNat32(value.TooLarge.maxBytes)
  } else if (value.IdConflict !== undefined) writeByte(5)
  else if (value.ConsentEnded !== undefined) {
    writeByte(6)
    writeNat64(value.ConsentEnded.endNs)
  } else if (value.NotReady !== undefined) writeByte(7)
  else if (value.LogUnavailable !== undefined) writeByte(8)
  else if (value.NotPermitted !== undefined) writeByte(9)
  else if (value.NotYet !== undefined) {
    writeByte(10)
    writeNat64(value.NotYet.atNs)
  } else if (value.LowCycles !== undefined) writeByte(11)
  else if (value.StaleEpoch !== undefined) {
    writeByte(12)
    writeNat32(value.StaleEpoch.current)
  } else if (value.Unverified !== undefined) writeByte(13)
  else if (value.NotSignedIn !== undefined) writeByte(14)
  else if (value.BadInput !== undefined) {
    writeByte(15)
    writeText(value.BadInput.field)
    writeText(value.BadInput.code)
  } else if (value.KeysUnavailable !== undefined) {
    writeByte(16)
    writeNat32(value.KeysUnavailable.code)
  } else if (value.AlreadyDone !== undefined) writeByte(17)
  else if (value.Expired !== undefined) writeByte(18)
  else throw NO_ARM
}

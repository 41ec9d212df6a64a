// Made by the build from the contract (scripts/generate-codecs.ts): change that.
import type { ArgOf, Principal, RetOf } from '@medguard/protocol'
import type { StumblerService } from './stumbler-service.ts'
import {
  type Arms,
  type Call,
  type Encodable,
  type Endpoints,
  acknowledger,
  BAD_BYTES,
  codec,
  decoder,
  encoder,
  nothing,
  NO_ARM,
  readBlob,
  readBool,
  readLeb,
  readNat32,
  readNat64,
  readNat8,
  readPrincipal,
  readText,
  writeBlob,
  writeByte,
  writeNat32,
  writeNat64,
  writeNat8,
  writeText,
} from '@medguard/shared/candid'

const stumbleArgDecoder = /* @__PURE__ */ decoder<StumbleArg>(() => [1279543620, -1878955007, 2063777175, 1], 14, (w) => w[0] === 1279543620 && w[1] === -1878955007 && w[2] === 2063777175 && ((w[3] ?? 0) & 65535) === 1, readStumbleArg)
const stumbleRetEncoder = /* @__PURE__ */ encoder<StumbleRet>(() => [1279543620, 1820028170, -1900496639, 1819872479, -1829987839, 1819871728, -709449983, 1819870909, -387284991, 1819805571, -671574015, 1819804803, -827737598, -491949820, 1896124050, -491978388, 2030341778, -1107750037, 16890339, -1595741746, -2099675390, 33742821, -185029713, -1045987582, 50562950, -889326867, -2136965373, 67428774, -2081628944, -53707003, 2131098290, -1818388251, -738885882, 84324996, -1045247583, -275742969, 17358470, -106109055, -1309376760, 2131351550, -319100763, -174324212, 118338494, -209456998, -1887076594, 2131727854, -1967390101, -20643839, 17301970, 9], 197, writeStumbleRet)
const stateRetEncoder = /* @__PURE__ */ encoder<StateRet>(() => [1279543620, -66884598, 32171741, -1316168583, -1904540498, 179699686, -1191089031, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 325810436, -1176257031, -372375295, 2130878690, -538606887, -1414594046, 2130900216, -2021211737, -219348221, 2130955005, -509181792, -588250108, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912194298, 2131214770, -561582192, -410975992, 2131294636, -671174156, -391807223, 101510394, -1279330916, -258341107, 2131686275, -1779527803, 40599311, 101052, 30604997, 590088], 215, writeStateRet)
const askArgDecoder = /* @__PURE__ */ decoder<AskArg>(() => [1279543620, -519934975, 1900735469, -422394713, 92169], 20, (w) => w[0] === 1279543620 && w[1] === -519934975 && w[2] === 1900735469 && w[3] === -422394713 && w[4] === 92169, readAskArg)
const askRetEncoder = /* @__PURE__ */ encoder<AskRet>(() => [1279543620, -1191089143, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 325810436, -1176257031, -372375551, 2130878690, -538606887, -1414594302, 2130900216, -2021211737, -219348477, 2130955005, -509181792, -588250364, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912194554, 2131214770, -561582192, -410976248, 2131294636, -671174156, -391807223, 84733178, -1279330916, -258341363, 2131686275, -1779527803, 40599311, 2063698620, 30604997, 524551], 195, writeAskRet)
const intendArgDecoder = /* @__PURE__ */ decoder<IntendArg>(() => [1279543620, 1820028162, 28826371, -1114140672, -2134607102, 764308, 257], 26, (w) => w[0] === 1279543620 && w[1] === 1820028162 && w[2] === 28826371 && w[3] === -1114140672 && w[4] === -2134607102 && w[5] === 764308 && ((w[6] ?? 0) & 65535) === 257, readIntendArg)
const state2RetEncoder = /* @__PURE__ */ acknowledger<State2Ret>(() => [1279543620, -1191089143, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 325810436, -1176257031, -372375551, 2130878690, -538606887, -1414594302, 2130900216, -2021211737, -219348477, 2130955005, -509181792, -588250364, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912194554, 2131214770, -561582192, -410976248, 2131294636, -671174156, -391807223, 84733178, -1279330916, -258341363, 2131686275, -1779527803, 40599311, 2130807484, 30604997, 524551], 195, 0, writeState2Ret)
const configurationEncoder = /* @__PURE__ */ encoder<number>(() => [1279543620, 7930112], 7, writeNat32)
const configurationDecoder = /* @__PURE__ */ decoder<number>(() => [1279543620, 7930112], 7, (w) => w[0] === 1279543620 && ((w[1] ?? 0) & 16777215) === 7930112, readNat32)
const argumentDecoder = /* @__PURE__ */ decoder<[] | [number]>(() => [1279543620, 24735233, 0], 9, (w) => w[0] === 1279543620 && w[1] === 24735233 && ((w[2] ?? 0) & 255) === 0, (): [] | [number] => readBool() ? [readNat32()] : [])
const stateArgEncoder = /* @__PURE__ */ encoder<null>(() => [1279543620, 0], 6, () => {})
const stateRetDecoder = /* @__PURE__ */ decoder<StateRet>(() => [1279543620, -66884598, 32171741, -1316168583, -1904540498, 179699686, -1191089031, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 325810436, -1176257031, -372375295, 2130878690, -538606887, -1414594046, 2130900216, -2021211737, -219348221, 2130955005, -509181792, -588250108, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912194298, 2131214770, -561582192, -410975992, 2131294636, -671174156, -391807223, 101510394, -1279330916, -258341107, 2131686275, -1779527803, 40599311, 101052, 30604997, 590088], 215, (w) => w[0] === 1279543620 && w[1] === -66884598 && w[2] === 32171741 && w[3] === -1316168583 && w[4] === -1904540498 && w[5] === 179699686 && w[6] === -1191089031 && w[7] === 215977656 && w[8] === -1711182727 && w[9] === 166761196 && w[10] === -1493078919 && w[11] === 113104310 && w[12] === -2147390343 && w[13] === 126085354 && w[14] === -1744737160 && w[15] === 75749368 && w[16] === -1174246280 && w[17] === 1896140457 && w[18] === -1902976339 && w[19] === 23884036 && w[20] === -1902976339 && w[21] === 325810436 && w[22] === -1176257031 && w[23] === -372375295 && w[24] === 2130878690 && w[25] === -538606887 && w[26] === -1414594046 && w[27] === 2130900216 && w[28] === -2021211737 && w[29] === -219348221 && w[30] === 2130955005 && w[31] === -509181792 && w[32] === -588250108 && w[33] === 2131067884 && w[34] === -88933172 && w[35] === -1729790203 && w[36] === 2131137437 && w[37] === -1299917835 && w[38] === -912194298 && w[39] === 2131214770 && w[40] === -561582192 && w[41] === -410975992 && w[42] === 2131294636 && w[43] === -671174156 && w[44] === -391807223 && w[45] === 101510394 && w[46] === -1279330916 && w[47] === -258341107 && w[48] === 2131686275 && w[49] === -1779527803 && w[50] === 40599311 && w[51] === 101052 && w[52] === 30604997 && ((w[53] ?? 0) & 16777215) === 590088, readStateRet)

export const stumblerEndpoints: Endpoints<StumblerService, number> = {
  methods: {
    stumble: {
      mode: 'update',
      argBytesMax: 64,
      arg: stumbleArgDecoder,
      ret: stumbleRetEncoder,
    },
    state: {
      mode: 'query',
      argBytesMax: 64,
      arg: nothing,
      ret: stateRetEncoder,
    },
    ask: {
      mode: 'update',
      argBytesMax: 128,
      arg: askArgDecoder,
      ret: askRetEncoder,
    },
    askThen: {
      mode: 'update',
      argBytesMax: 128,
      arg: askArgDecoder,
      ret: askRetEncoder,
    },
    intend: {
      mode: 'update',
      argBytesMax: 128,
      arg: intendArgDecoder,
      ret: askRetEncoder,
    },
    state2: {
      mode: 'query',
      argBytesMax: 64,
      arg: nothing,
      ret: state2RetEncoder,
    },
  },
  configuration: /* @__PURE__ */ codec(configurationEncoder, configurationDecoder),
  argument: argumentDecoder,
}
export const stateCall: Call<ArgOf<StumblerService['state']>, RetOf<StumblerService['state']>> = {
  name: 'state',
  arg: stateArgEncoder,
  ret: stateRetDecoder,
}

type StumbleArg = { how: number }
type StumbleRet = { Ok: Uint8Array } | { Err: Refusal }
type Refusal = { Stale: RefusalStale } | { Paused: null } | { Busy: RefusalBusy } | { Full: null } | { TooLarge: RefusalTooLarge } | { IdConflict: null } | { ConsentEnded: RefusalConsentEnded } | { NotReady: null } | { LogUnavailable: null } | { NotPermitted: null } | { NotYet: RefusalNotYet } | { LowCycles: null } | { StaleEpoch: RefusalStale } | { Unverified: null } | { NotSignedIn: null } | { BadInput: RefusalBadInput } | { KeysUnavailable: RefusalKeysUnavailable } | { AlreadyDone: null } | { Expired: null }
type RefusalStale = { current: number }
type RefusalBusy = { retryAfterMs: number }
type RefusalTooLarge = { maxBytes: number }
type RefusalConsentEnded = { endNs: bigint }
type RefusalNotYet = { atNs: bigint }
type RefusalBadInput = { field: string; code: string }
type RefusalKeysUnavailable = { code: number }
type StateRet = { Ok: StateRetOk } | { Err: Refusal }
type StateRetOk = { counter: number; lockTaken: number; callbacks: number }
type AskArg = { method: string; canister: Principal }
type AskRet = { Ok: number } | { Err: Refusal }
type IntendArg = { id: Uint8Array; how: number; digest: Uint8Array }
type State2Ret = { Ok: null } | { Err: Refusal }
function readStumbleArg(): StumbleArg {
  return { how: readNat8() }
}
function readAskArg(): AskArg {
  return { method: readText(), canister: readPrincipal() }
}
function readIntendArg(): IntendArg {
  return { id: readBlob(), how: readNat8(), digest: readBlob() }
}
function readStateRet(): StateRet {
  switch (readLeb()) {
    case 0:
      return { Ok: { counter: readNat32(), lockTaken: readNat8(), callbacks: readNat32() } }
    case 1:
      return { Err: readRefusal() }
    default:
      throw BAD_BYTES
  }
}
function readRefusal(): Refusal {
  switch (readLeb()) {
    case 0:
      return { Stale: { current: readNat32() } }
    case 1:
      return { Paused: null }
    case 2:
      return { Busy: { retryAfterMs: readNat32() } }
    case 3:
      return { Full: null }
    case 4:
      return { TooLarge: { maxBytes: readNat32() } }
    case 5:
      return { IdConflict: null }
    case 6:
      return { ConsentEnded: { endNs: readNat64() } }
    case 7:
      return { NotReady: null }
    case 8:
      return { LogUnavailable: null }
    case 9:
      return { NotPermitted: null }
    case 10:
      return { NotYet: { atNs: readNat64() } }
    case 11:
      return { LowCycles: null }
    case 12:
      return { StaleEpoch: { current: readNat32() } }
    case 13:
      return { Unverified: null }
    case 14:
      return { NotSignedIn: null }
    case 15:
      return { BadInput: { field: readText(), code: readText() } }
    case 16:
      return { KeysUnavailable: { code: readNat32() } }
    case 17:
      return { AlreadyDone: null }
    case 18:
      return { Expired: null }
    default:
      throw BAD_BYTES
  }
}
function writeStumbleRet(value: Arms<Encodable<StumbleRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeBlob(value.Ok)
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
function writeStateRet(value: Arms<Encodable<StateRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeNat32(value.Ok.counter)
    writeNat8(value.Ok.lockTaken)
    writeNat32(value.Ok.callbacks)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeAskRet(value: Arms<Encodable<AskRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeNat8(value.Ok)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeState2Ret(value: Arms<Encodable<State2Ret>>): void {
  if (value.Ok !== undefined) writeByte(0)
  else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}

// Made by the build from the contract (scripts/generate-codecs.ts): change that.
import type { ArgOf, Principal, RetOf } from '@medguard/protocol'
import type { ToolkitService } from './toolkit-service.ts'
import {
  type Arms,
  type Call,
  type Encodable,
  type Endpoints,
  type BodyCodec,
  acknowledger,
  BAD_BYTES,
  codec,
  decoder,
  encoder,
  nothing,
  NO_ARM,
  bodyCodec,
  readBlob,
  readBool,
  readLeb,
  readNat32,
  readNat64,
  readNat8,
  readPrincipal,
  readText,
  writeBlob,
  writeBool,
  writeByte,
  writeNat32,
  writeNat64,
  writeNat8,
  writeText,
  writeVec,
} from '@medguard/shared/candid'

const pingRetEncoder = /* @__PURE__ */ acknowledger<PingRet>(() => [1279543620, -1191089143, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 325810436, -1176257031, -372375551, 2130878690, -538606887, -1414594302, 2130900216, -2021211737, -219348477, 2130955005, -509181792, -588250364, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912194554, 2131214770, -561582192, -410976248, 2131294636, -671174156, -391807223, 84733178, -1279330916, -258341363, 2131686275, -1779527803, 40599311, 2130807484, 30604997, 524551], 195, 0, writePingRet)
const putArgDecoder = /* @__PURE__ */ decoder<PutArg>(() => [1279543620, 1820028162, -607872510, -1181417470, 977821, 257], 22, (w) => w[0] === 1279543620 && w[1] === 1820028162 && w[2] === -607872510 && w[3] === -1181417470 && w[4] === 977821 && ((w[5] ?? 0) & 65535) === 257, readPutArg)
const getArgDecoder = /* @__PURE__ */ decoder<GetArg>(() => [1279543620, 1820028162, -1648782079, 16781035, 1], 17, (w) => w[0] === 1279543620 && w[1] === 1820028162 && w[2] === -1648782079 && w[3] === 16781035 && ((w[4] ?? 0) & 255) === 1, readGetArg)
const getRetEncoder = /* @__PURE__ */ encoder<GetRet>(() => [1279543620, 1820028170, -1900496639, 1819872479, -1829987839, 1819871728, -709449983, 1819870909, -387284991, 1819805571, -671574015, 1819804803, -827737598, -491949820, 1896124050, -491978388, 2030341778, -1107750037, 16890339, -1595741746, -2099675390, 33742821, -185029713, -1045987582, 50562950, -889326867, -2136965373, 67428774, -2081628944, -53707003, 2131098290, -1818388251, -738885882, 84324996, -1045247583, -275742969, 17358470, -106109055, -1309376760, 2131351550, -319100763, -174324212, 118338494, -209456998, -1887076594, 2131727854, -1967390101, -20643839, 17301970, 9], 197, writeGetRet)
const appendArgDecoder = /* @__PURE__ */ decoder<AppendArg>(() => [1279543620, 1820028162, -607872511, 16842754], 16, (w) => w[0] === 1279543620 && w[1] === 1820028162 && w[2] === -607872511 && w[3] === 16842754, readAppendArg)
const appendRetEncoder = /* @__PURE__ */ encoder<AppendRet>(() => [1279543620, -1191089143, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 325810436, -1176257031, -372375551, 2130878690, -538606887, -1414594302, 2130900216, -2021211737, -219348477, 2130955005, -509181792, -588250364, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912194554, 2131214770, -561582192, -410976248, 2131294636, -671174156, -391807223, 84733178, -1279330916, -258341363, 2131686275, -1779527803, 40599311, 2030144188, 30604997, 524551], 195, writeAppendRet)
const listArgDecoder = /* @__PURE__ */ decoder<ListArg>(() => [1279543620, -368940031, 77499082, -1920348295, 24708307, 0], 21, (w) => w[0] === 1279543620 && w[1] === -368940031 && w[2] === 77499082 && w[3] === -1920348295 && w[4] === 24708307 && ((w[5] ?? 0) & 255) === 0, readListArg)
const listRetEncoder = /* @__PURE__ */ encoder<ListRet>(() => [1279543620, 1836805387, -1191089152, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 325810436, -1176257031, -372375039, 2130878690, -538606887, -1414593790, 2130900216, -2021211737, -219347965, 2130955005, -509181792, -588249852, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912194042, 2131214770, -561582192, -410975736, 2131294636, -671174156, -391807223, 118287610, -1279330916, -258340851, 2131686275, -1779527803, 40599311, 16878268, 30604997, 655625], 199, writeListRet)
const checkArgDecoder = /* @__PURE__ */ decoder<CheckArg>(() => [1279543620, 1820028162, -324298742, -948895359, 61402282, -1582906248, -2139421738, 126085354, -942761864, -998701081, 195662976, -438056192, -1509946410, 198898398, -1174934914, -327676959, 213032158, 65896], 71, (w) => w[0] === 1279543620 && w[1] === 1820028162 && w[2] === -324298742 && w[3] === -948895359 && w[4] === 61402282 && w[5] === -1582906248 && w[6] === -2139421738 && w[7] === 126085354 && w[8] === -942761864 && w[9] === -998701081 && w[10] === 195662976 && w[11] === -438056192 && w[12] === -1509946410 && w[13] === 198898398 && w[14] === -1174934914 && w[15] === -327676959 && w[16] === 213032158 && ((w[17] ?? 0) & 16777215) === 65896, readCheckArg)
const addEntryArgDecoder = /* @__PURE__ */ decoder<Entry>(() => [1279543620, 1820028162, -558391544, -840533758, 2063709646, -154674254, -1965393919, 428941, -877858323, -828899321, 2030561223, -1449885500, -559546357, 2114706162, 257], 58, (w) => w[0] === 1279543620 && w[1] === 1820028162 && w[2] === -558391544 && w[3] === -840533758 && w[4] === 2063709646 && w[5] === -154674254 && w[6] === -1965393919 && w[7] === 428941 && w[8] === -877858323 && w[9] === -828899321 && w[10] === 2030561223 && w[11] === -1449885500 && w[12] === -559546357 && w[13] === 2114706162 && ((w[14] ?? 0) & 65535) === 257, readEntry)
const entriesRetEncoder = /* @__PURE__ */ encoder<EntriesRet>(() => [1279543620, 1820028172, -558391544, -840533758, 2063709646, -154674254, -1965393919, 428941, -877858323, -828899321, 2030561223, -1449885500, -559546357, 2114706162, 23855469, -544294727, 23886092, -258806630, 23886089, -1110067545, 23886086, -2081887616, 23885831, -2082998120, 40663044, 80652730, -1830638223, 1819346062, -1830638335, 1803093134, -474089197, -838663751, 44098281, -444409473, -1358691617, 49608875, -2034129025, -318438521, 63634930, -1501519745, -268040991, 92531932, -1292055425, -444660230, 110337432, -2066483841, -1593375054, 130134729, -2031120257, -2130507554, 150580455, -21891969, -1518401065, 216857320, -1091199992, -1710682701, 250840048, -292584065, 1803489173, 25869314, -755055358, 184617473], 248, writeEntriesRet)
const askArgDecoder = /* @__PURE__ */ decoder<AskArg>(() => [1279543620, -1493079039, 166122180, 360], 15, (w) => w[0] === 1279543620 && w[1] === -1493079039 && w[2] === 166122180 && ((w[3] ?? 0) & 16777215) === 360, readAskArg)
const hashArgDecoder = /* @__PURE__ */ decoder<HashArg>(() => [1279543620, -972919807, 25286399, -1174934919, 24710113, 0], 21, (w) => w[0] === 1279543620 && w[1] === -972919807 && w[2] === 25286399 && w[3] === -1174934919 && w[4] === 24710113 && ((w[5] ?? 0) & 255) === 0, readHashArg)
const configurationEncoder = /* @__PURE__ */ encoder<number>(() => [1279543620, 7930112], 7, writeNat32)
const configurationDecoder = /* @__PURE__ */ decoder<number>(() => [1279543620, 7930112], 7, (w) => w[0] === 1279543620 && ((w[1] ?? 0) & 16777215) === 7930112, readNat32)
const argumentDecoder = /* @__PURE__ */ decoder<[] | [number]>(() => [1279543620, 24735233, 0], 9, (w) => w[0] === 1279543620 && w[1] === 24735233 && ((w[2] ?? 0) & 255) === 0, (): [] | [number] => readBool() ? [readNat32()] : [])
const pingArgEncoder = /* @__PURE__ */ encoder<null>(() => [1279543620, 0], 6, () => {})
const pingRetDecoder = /* @__PURE__ */ decoder<PingRet>(() => [1279543620, -1191089143, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 325810436, -1176257031, -372375551, 2130878690, -538606887, -1414594302, 2130900216, -2021211737, -219348477, 2130955005, -509181792, -588250364, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912194554, 2131214770, -561582192, -410976248, 2131294636, -671174156, -391807223, 84733178, -1279330916, -258341363, 2131686275, -1779527803, 40599311, 2130807484, 30604997, 524551], 195, (w) => w[0] === 1279543620 && w[1] === -1191089143 && w[2] === 215977656 && w[3] === -1711182727 && w[4] === 166761196 && w[5] === -1493078919 && w[6] === 113104310 && w[7] === -2147390343 && w[8] === 126085354 && w[9] === -1744737160 && w[10] === 75749368 && w[11] === -1174246280 && w[12] === 1896140457 && w[13] === -1902976339 && w[14] === 23884036 && w[15] === -1902976339 && w[16] === 325810436 && w[17] === -1176257031 && w[18] === -372375551 && w[19] === 2130878690 && w[20] === -538606887 && w[21] === -1414594302 && w[22] === 2130900216 && w[23] === -2021211737 && w[24] === -219348477 && w[25] === 2130955005 && w[26] === -509181792 && w[27] === -588250364 && w[28] === 2131067884 && w[29] === -88933172 && w[30] === -1729790203 && w[31] === 2131137437 && w[32] === -1299917835 && w[33] === -912194554 && w[34] === 2131214770 && w[35] === -561582192 && w[36] === -410976248 && w[37] === 2131294636 && w[38] === -671174156 && w[39] === -391807223 && w[40] === 84733178 && w[41] === -1279330916 && w[42] === -258341363 && w[43] === 2131686275 && w[44] === -1779527803 && w[45] === 40599311 && w[46] === 2130807484 && w[47] === 30604997 && ((w[48] ?? 0) & 16777215) === 524551, readPingRet)

export const toolkitEndpoints: Endpoints<ToolkitService, number> = {
  methods: {
    ping: {
      mode: 'query',
      argBytesMax: 64,
      arg: nothing,
      ret: pingRetEncoder,
    },
    put: {
      mode: 'update',
      argBytesMax: 4000,
      arg: putArgDecoder,
      ret: pingRetEncoder,
    },
    get: {
      mode: 'query',
      argBytesMax: 64,
      arg: getArgDecoder,
      ret: getRetEncoder,
    },
    append: {
      mode: 'update',
      argBytesMax: 4000,
      arg: appendArgDecoder,
      ret: appendRetEncoder,
    },
    list: {
      mode: 'query',
      argBytesMax: 64,
      arg: listArgDecoder,
      ret: listRetEncoder,
    },
    check: {
      mode: 'update',
      argBytesMax: 1000,
      arg: checkArgDecoder,
      ret: pingRetEncoder,
    },
    addEntry: {
      mode: 'update',
      argBytesMax: 1000,
      arg: addEntryArgDecoder,
      ret: appendRetEncoder,
    },
    entries: {
      mode: 'query',
      argBytesMax: 64,
      arg: listArgDecoder,
      ret: entriesRetEncoder,
    },
    ask: {
      mode: 'update',
      argBytesMax: 128,
      arg: askArgDecoder,
      ret: pingRetEncoder,
    },
    count: {
      mode: 'query',
      argBytesMax: 64,
      arg: nothing,
      ret: appendRetEncoder,
    },
    hash: {
      mode: 'query',
      argBytesMax: 64,
      arg: hashArgDecoder,
      ret: getRetEncoder,
    },
  },
  configuration: /* @__PURE__ */ codec(configurationEncoder, configurationDecoder),
  argument: argumentDecoder,
}
export const pingCall: Call<ArgOf<ToolkitService['ping']>, RetOf<ToolkitService['ping']>> = {
  name: 'ping',
  arg: pingArgEncoder,
  ret: pingRetDecoder,
}
export const entryRow: BodyCodec<Entry> = /* @__PURE__ */ bodyCodec(writeEntry, readEntry)

type PingRet = { Ok: null } | { Err: Refusal }
type Refusal = { Stale: RefusalStale } | { Paused: null } | { Busy: RefusalBusy } | { Full: null } | { TooLarge: RefusalTooLarge } | { IdConflict: null } | { ConsentEnded: RefusalConsentEnded } | { NotReady: null } | { LogUnavailable: null } | { NotPermitted: null } | { NotYet: RefusalNotYet } | { LowCycles: null } | { StaleEpoch: RefusalStale } | { Unverified: null } | { NotSignedIn: null } | { BadInput: RefusalBadInput } | { KeysUnavailable: RefusalKeysUnavailable } | { AlreadyDone: null } | { Expired: null }
type RefusalStale = { current: number }
type RefusalBusy = { retryAfterMs: number }
type RefusalTooLarge = { maxBytes: number }
type RefusalConsentEnded = { endNs: bigint }
type RefusalNotYet = { atNs: bigint }
type RefusalBadInput = { field: string; code: string }
type RefusalKeysUnavailable = { code: number }
type PutArg = { row: Uint8Array; rowId: Uint8Array }
type GetArg = { rowId: Uint8Array }
type GetRet = { Ok: Uint8Array } | { Err: Refusal }
type AppendArg = { row: Uint8Array }
type AppendRet = { Ok: number } | { Err: Refusal }
type ListArg = { from: number; count: number }
type ListRet = { Ok: Uint8Array[] } | { Err: Refusal }
type CheckArg = { title: string; startNs: bigint; cardKind: number; endNs: bigint; version: number; digest: Uint8Array; cardId: Uint8Array; isSealed: boolean; sizeBytes: bigint; holder: Principal }
type Entry = { seq: number; entryKind: number; timeNs: bigint; wrappedKey: Uint8Array; entryId: Uint8Array; version: number; digest: Uint8Array; isSealed: boolean }
type EntriesRet = { Ok: Entry[] } | { Err: Refusal }
type AskArg = { canister: Principal }
type HashArg = { times: number; sizeBytes: number }
function readPutArg(): PutArg {
  return { row: readBlob(), rowId: readBlob() }
}
function readGetArg(): GetArg {
  return { rowId: readBlob() }
}
function readAppendArg(): AppendArg {
  return { row: readBlob() }
}
function readListArg(): ListArg {
  return { from: readNat32(), count: readNat32() }
}
function readCheckArg(): CheckArg {
  return { title: readText(), startNs: readNat64(), cardKind: readNat8(), endNs: readNat64(), version: readNat32(), digest: readBlob(), cardId: readBlob(), isSealed: readBool(), sizeBytes: readNat64(), holder: readPrincipal() }
}
function readEntry(): Entry {
  return { seq: readNat32(), entryKind: readNat8(), timeNs: readNat64(), wrappedKey: readBlob(), entryId: readBlob(), version: readNat32(), digest: readBlob(), isSealed: readBool() }
}
function readAskArg(): AskArg {
  return { canister: readPrincipal() }
}
function readHashArg(): HashArg {
  return { times: readNat32(), sizeBytes: readNat32() }
}
function readPingRet(): PingRet {
  switch (readLeb()) {
    case 0:
      return { Ok: null }
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
function writePingRet(value: Arms<Encodable<PingRet>>): void {
  if (value.Ok !== undefined) writeByte(0)
  else if (value.Err !== undefined) {
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
function writeGetRet(value: Arms<Encodable<GetRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeBlob(value.Ok)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeAppendRet(value: Arms<Encodable<AppendRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeNat32(value.Ok)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeListRet(value: Arms<Encodable<ListRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeVec(value.Ok, writeBlob)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeEntriesRet(value: Arms<Encodable<EntriesRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeVec(value.Ok, writeEntry)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeEntry(value: Encodable<Entry>): void {
  writeNat32(value.seq)
  writeNat8(value.entryKind)
  writeNat64(value.timeNs)
  writeBlob(value.wrappedKey)
  writeBlob(value.entryId)
  writeNat32(value.version)
  writeBlob(value.digest)
  writeBool(value.isSealed)
}

// Made by the build from the contract (scripts/generate-codecs.ts): change that.
import type { LivesService } from './lives-service.ts'
import {
  type Arms,
  type Encodable,
  type Endpoints,
  codec,
  decoder,
  encoder,
  nothing,
  NO_ARM,
  readBool,
  readNat32,
  readText,
  writeBlob,
  writeByte,
  writeNat32,
  writeNat64,
  writeText,
} from '@medguard/shared/candid'

const stateRetEncoder = /* @__PURE__ */ encoder<StateRet>(() => [1279543620, -486314998, 2038033826, -1465917305, -1884194553, 2030603204, -1195835028, 2030886798, -325451412, 2030694546, -1230569108, 2030484949, -360709780, 2013758440, -124255892, 2013561815, -1447427476, -1385102130, 76452578, -1392415631, 76452578, -116167815, 28959677, -487993855, -645987680, 48227714, -122966270, -1484848396, 59213505, -34411261, -1602288694, 81897088, -321064956, -864090749, 100315900, -1650924161, -176224621, 112362707, -1295408891, -1870723135, 148801263, -1394114303, -193001223, 165150385, -85416577, -1677325076, 229883637, -2081383929, -2055270669, 261484175, -1140692097, -989855350, 134337278, 2305], 214, writeStateRet)
const raiseRetEncoder = /* @__PURE__ */ encoder<RaiseRet>(() => [1279543620, -1191089143, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 325810436, -1176257031, -372375551, 2130878690, -538606887, -1414594302, 2130900216, -2021211737, -219348477, 2130955005, -509181792, -588250364, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912194554, 2131214770, -561582192, -410976248, 2131294636, -671174156, -391807223, 84733178, -1279330916, -258341363, 2131686275, -1779527803, 40599311, 2030144188, 30604997, 524551], 195, writeRaiseRet)
const raiseLaterArgDecoder = /* @__PURE__ */ decoder<RaiseLaterArg>(() => [1279543620, -16684031, 97826540, 377], 15, (w) => w[0] === 1279543620 && w[1] === -16684031 && w[2] === 97826540 && ((w[3] ?? 0) & 16777215) === 377, readRaiseLaterArg)
const clockRetEncoder = /* @__PURE__ */ encoder<ClockRet>(() => [1279543620, -1191089143, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 325810436, -1176257031, -372375551, 2130878690, -538606887, -1414594302, 2130900216, -2021211737, -219348477, 2130955005, -509181792, -588250364, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912194554, 2131214770, -561582192, -410976248, 2131294636, -671174156, -391807223, 84733178, -1279330916, -258341363, 2131686275, -1779527803, 40599311, 2013366972, 30604997, 524551], 195, writeClockRet)
const printArgDecoder = /* @__PURE__ */ decoder<PrintArg>(() => [1279543620, -201233407, 79547567, 369], 15, (w) => w[0] === 1279543620 && w[1] === -201233407 && w[2] === 79547567 && ((w[3] ?? 0) & 16777215) === 369, readPrintArg)
const diveArgDecoder = /* @__PURE__ */ decoder<DiveArg>(() => [1279543620, -2097058815, 230270946, 377], 15, (w) => w[0] === 1279543620 && w[1] === -2097058815 && w[2] === 230270946 && ((w[3] ?? 0) & 16777215) === 377, readDiveArg)
const randomArgDecoder = /* @__PURE__ */ decoder<RandomArg>(() => [1279543620, -436114431, 167288489, 377], 15, (w) => w[0] === 1279543620 && w[1] === -436114431 && w[2] === 167288489 && ((w[3] ?? 0) & 16777215) === 377, readRandomArg)
const randomRetEncoder = /* @__PURE__ */ encoder<RandomRet>(() => [1279543620, 1820028170, -1900496639, 1819872479, -1829987839, 1819871728, -709449983, 1819870909, -387284991, 1819805571, -671574015, 1819804803, -827737598, -491949820, 1896124050, -491978388, 2030341778, -1107750037, 16890339, -1595741746, -2099675390, 33742821, -185029713, -1045987582, 50562950, -889326867, -2136965373, 67428774, -2081628944, -53707003, 2131098290, -1818388251, -738885882, 84324996, -1045247583, -275742969, 17358470, -106109055, -1309376760, 2131351550, -319100763, -174324212, 118338494, -209456998, -1887076594, 2131727854, -1967390101, -20643839, 17301970, 9], 197, writeRandomRet)
const failArgDecoder = /* @__PURE__ */ decoder<FailArg>(() => [1279543620, -637441023, 210559953, 377], 15, (w) => w[0] === 1279543620 && w[1] === -637441023 && w[2] === 210559953 && ((w[3] ?? 0) & 16777215) === 377, readFailArg)
const configurationEncoder = /* @__PURE__ */ encoder<number>(() => [1279543620, 7930112], 7, writeNat32)
const configurationDecoder = /* @__PURE__ */ decoder<number>(() => [1279543620, 7930112], 7, (w) => w[0] === 1279543620 && ((w[1] ?? 0) & 16777215) === 7930112, readNat32)
const argumentDecoder = /* @__PURE__ */ decoder<[] | [number]>(() => [1279543620, 24735233, 0], 9, (w) => w[0] === 1279543620 && w[1] === 24735233 && ((w[2] ?? 0) & 255) === 0, (): [] | [number] => readBool() ? [readNat32()] : [])

export const livesEndpoints: Endpoints<LivesService, number> = {
  methods: {
    state: {
      mode: 'query',
      argBytesMax: 64,
      arg: nothing,
      ret: stateRetEncoder,
    },
    raise: {
      mode: 'update',
      argBytesMax: 64,
      arg: nothing,
      ret: raiseRetEncoder,
    },
    raiseLater: {
      mode: 'update',
      argBytesMax: 64,
      arg: raiseLaterArgDecoder,
      ret: raiseRetEncoder,
    },
    clock: {
      mode: 'query',
      argBytesMax: 64,
      arg: nothing,
      ret: clockRetEncoder,
    },
    print: {
      mode: 'update',
      argBytesMax: 1000,
      arg: printArgDecoder,
      ret: raiseRetEncoder,
    },
    dive: {
      mode: 'update',
      argBytesMax: 64,
      arg: diveArgDecoder,
      ret: raiseRetEncoder,
    },
    random: {
      mode: 'update',
      argBytesMax: 64,
      arg: randomArgDecoder,
      ret: randomRetEncoder,
    },
    randomInQuery: {
      mode: 'query',
      argBytesMax: 64,
      arg: randomArgDecoder,
      ret: randomRetEncoder,
    },
    randomForLibraries: {
      mode: 'update',
      argBytesMax: 64,
      arg: nothing,
      ret: randomRetEncoder,
    },
    fail: {
      mode: 'update',
      argBytesMax: 64,
      arg: failArgDecoder,
      ret: raiseRetEncoder,
    },
  },
  configuration: /* @__PURE__ */ codec(configurationEncoder, configurationDecoder),
  argument: argumentDecoder,
}

type StateRet = { Ok: StateRetOk } | { Err: Refusal }
type StateRetOk = { stored: number; lives: number; inHeap: number }
type Refusal = { Stale: RefusalStale } | { Paused: null } | { Busy: RefusalBusy } | { Full: null } | { TooLarge: RefusalTooLarge } | { IdConflict: null } | { ConsentEnded: RefusalConsentEnded } | { NotReady: null } | { LogUnavailable: null } | { NotPermitted: null } | { NotYet: RefusalNotYet } | { LowCycles: null } | { StaleEpoch: RefusalStale } | { Unverified: null } | { NotSignedIn: null } | { BadInput: RefusalBadInput } | { KeysUnavailable: RefusalKeysUnavailable } | { AlreadyDone: null } | { Expired: null }
type RefusalStale = { current: number }
type RefusalBusy = { retryAfterMs: number }
type RefusalTooLarge = { maxBytes: number }
type RefusalConsentEnded = { endNs: bigint }
type RefusalNotYet = { atNs: bigint }
type RefusalBadInput = { field: string; code: string }
type RefusalKeysUnavailable = { code: number }
type RaiseRet = { Ok: number } | { Err: Refusal }
type RaiseLaterArg = { seconds: number }
type ClockRet = { Ok: bigint } | { Err: Refusal }
type PrintArg = { line: string }
type DiveArg = { depth: number }
type RandomArg = { length: number }
type RandomRet = { Ok: Uint8Array } | { Err: Refusal }
type FailArg = { afterCall: number }
function readRaiseLaterArg(): RaiseLaterArg {
  return { seconds: readNat32() }
}
function readPrintArg(): PrintArg {
  return { line: readText() }
}
function readDiveArg(): DiveArg {
  return { depth: readNat32() }
}
function readRandomArg(): RandomArg {
  return { length: readNat32() }
}
function readFailArg(): FailArg {
  return { afterCall: readNat32() }
}
function writeStateRet(value: Arms<Encodable<StateRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeNat32(value.Ok.stored)
    writeNat32(value.Ok.lives)
    writeNat32(value.Ok.inHeap)
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
function writeRaiseRet(value: Arms<Encodable<RaiseRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeNat32(value.Ok)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeClockRet(value: Arms<Encodable<ClockRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeNat64(value.Ok)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeRandomRet(value: Arms<Encodable<RandomRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeBlob(value.Ok)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}

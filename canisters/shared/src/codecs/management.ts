// Made by the build from the contract (scripts/generate-codecs.ts): change that.
import type { ArgOf, ManagementService, RetOf } from '@medguard/protocol'
import {
  type Arms,
  type Call,
  type Encodable,
  decoder,
  encoder,
  NO_ARM,
  readBlob,
  writeBlob,
  writeByte,
  writeText,
} from '../candid.ts'

const rawRandArgEncoder = /* @__PURE__ */ encoder<null>(() => [1279543620, 0], 6, () => {})
const rawRandRetDecoder = /* @__PURE__ */ decoder<Uint8Array>(() => [1279543620, 24866049, 0], 9, (w) => w[0] === 1279543620 && w[1] === 24866049 && ((w[2] ?? 0) & 255) === 0, readBlob)
const vetkdDeriveKeyArgEncoder = /* @__PURE__ */ encoder<VetkdDeriveKeyArg>(() => [1279543620, 1803250948, -1650986239, 1820265155, -35337470, -1351547705, 83026329, -284922879, 30138027, -1377060096, -1979579393, 200341384, -626532608, 16780715, 3], 57, writeVetkdDeriveKeyArg)
const vetkdDeriveKeyRetDecoder = /* @__PURE__ */ decoder<VetkdDeriveKeyRet>(() => [1279543620, 1820028162, -2135579647, 16842780], 16, (w) => w[0] === 1279543620 && w[1] === 1820028162 && w[2] === -2135579647 && w[3] === 16842780, readVetkdDeriveKeyRet)

export const rawRandCall: Call<ArgOf<ManagementService['raw_rand']>, RetOf<ManagementService['raw_rand']>> = {
  name: 'raw_rand',
  arg: rawRandArgEncoder,
  ret: rawRandRetDecoder,
}
export const vetkdDeriveKeyCall: Call<ArgOf<ManagementService['vetkd_derive_key']>, RetOf<ManagementService['vetkd_derive_key']>> = {
  name: 'vetkd_derive_key',
  arg: vetkdDeriveKeyArgEncoder,
  ret: vetkdDeriveKeyRetDecoder,
}

type VetkdDeriveKeyArg = { context: Uint8Array; key_id: VetkdDeriveKeyArgKey_id; input: Uint8Array; transport_public_key: Uint8Array }
type VetkdDeriveKeyArgKey_id = { name: string; curve: VetkdDeriveKeyArgKey_idCurve }
type VetkdDeriveKeyArgKey_idCurve = { bls12_381_g2: null }
type VetkdDeriveKeyRet = { encrypted_key: Uint8Array }
function readVetkdDeriveKeyRet(): VetkdDeriveKeyRet {
  return { encrypted_key: readBlob() }
}
function writeVetkdDeriveKeyArg(value: Encodable<VetkdDeriveKeyArg>): void {
  writeBlob(value.context)
  writeText(value.key_id.name)
  writeVetkdDeriveKeyArgKey_idCurve(value.key_id.curve)
  writeBlob(value.input)
  writeBlob(value.transport_public_key)
}
function writeVetkdDeriveKeyArgKey_idCurve(value: Arms<Encodable<VetkdDeriveKeyArgKey_idCurve>>): void {
  if (value.bls12_381_g2 !== undefined) writeByte(0)
  else throw NO_ARM
}

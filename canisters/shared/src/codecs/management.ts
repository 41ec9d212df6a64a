// Made by the build from the contract (scripts/generate-codecs.ts): change that.
import type { ArgOf, ManagementService, Principal, RetOf } from '@medguard/protocol'
import {
  type Arms,
  type Call,
  type Encodable,
  decoder,
  encoder,
  NO_ARM,
  readBlob,
  readBool,
  readPrincipal,
  readVec,
  writeBlob,
  writeByte,
  writeNat64,
  writePrincipal,
  writeText,
  writeVec,
} from '../candid.ts'

const rawRandArgEncoder = /* @__PURE__ */ encoder<null>(() => [1279543620, 0], 6, () => {})
const rawRandRetDecoder = /* @__PURE__ */ decoder<Uint8Array>(() => [1279543620, 24866049, 0], 9, (w) => w[0] === 1279543620 && w[1] === 24866049 && ((w[2] ?? 0) & 255) === 0, readBlob)
const vetkdDeriveKeyArgEncoder = /* @__PURE__ */ encoder<VetkdDeriveKeyArg>(() => [1279543620, 1803250948, -1650986239, 1820265155, -35337470, -1351547705, 83026329, -284922879, 30138027, -1377060096, -1979579393, 200341384, -626532608, 16780715, 3], 57, writeVetkdDeriveKeyArg)
const vetkdDeriveKeyRetDecoder = /* @__PURE__ */ decoder<VetkdDeriveKeyRet>(() => [1279543620, 1820028162, -2135579647, 16842780], 16, (w) => w[0] === 1279543620 && w[1] === 1820028162 && w[2] === -2135579647 && w[3] === 16842780, readVetkdDeriveKeyRet)
const schnorrPublicKeyArgEncoder = /* @__PURE__ */ encoder<SchnorrPublicKeyArg>(() => [1279543620, -1157534970, 92767939, -285053825, 27769560, -35337472, 1852900551, 1836805480, -1157403645, 67087851, -1312509183, -1392376590, 95531688, 327940], 55, writeSchnorrPublicKeyArg)
const schnorrPublicKeyRetDecoder = /* @__PURE__ */ decoder<SchnorrPublicKeyRet>(() => [1279543620, 1820028162, -1582315262, -352320604, 197887464, 65792], 23, (w) => w[0] === 1279543620 && w[1] === 1820028162 && w[2] === -1582315262 && w[3] === -352320604 && w[4] === 197887464 && ((w[5] ?? 0) & 16777215) === 65792, readSchnorrPublicKeyRet)
const signWithSchnorrArgEncoder = /* @__PURE__ */ encoder<SignWithSchnorrArg>(() => [1279543620, -1157534971, 92767939, -285053825, 27769560, -35337472, 1836123335, 1812098427, -1377060093, -1392442369, 95531688, -991181053, 16910800, 4], 53, writeSignWithSchnorrArg)
const signWithSchnorrRetDecoder = /* @__PURE__ */ decoder<SignWithSchnorrRet>(() => [1279543620, 1820028162, -1362757631, 16777643, 1], 17, (w) => w[0] === 1279543620 && w[1] === 1820028162 && w[2] === -1362757631 && w[3] === 16777643 && ((w[4] ?? 0) & 255) === 1, readSignWithSchnorrRet)
const canisterInfoArgEncoder = /* @__PURE__ */ encoder<CanisterInfoArg>(() => [1279543620, 1819831810, -1312509182, -110623502, 132698812, 65792], 23, writeCanisterInfoArg)
const canisterInfoRetDecoder = /* @__PURE__ */ decoder<CanisterInfoRet>(() => [1279543620, 1835560196, 1812033147, -1679763710, -2130705776, 183807695, 196866], 27, (w) => w[0] === 1279543620 && w[1] === 1835560196 && w[2] === 1812033147 && w[3] === -1679763710 && w[4] === -2130705776 && w[5] === 183807695 && ((w[6] ?? 0) & 16777215) === 196866, readCanisterInfoRet)

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
export const schnorrPublicKeyCall: Call<ArgOf<ManagementService['schnorr_public_key']>, RetOf<ManagementService['schnorr_public_key']>> = {
  name: 'schnorr_public_key',
  arg: schnorrPublicKeyArgEncoder,
  ret: schnorrPublicKeyRetDecoder,
}
export const signWithSchnorrCall: Call<ArgOf<ManagementService['sign_with_schnorr']>, RetOf<ManagementService['sign_with_schnorr']>> = {
  name: 'sign_with_schnorr',
  arg: signWithSchnorrArgEncoder,
  ret: signWithSchnorrRetDecoder,
}
export const canisterInfoCall: Call<ArgOf<ManagementService['canister_info']>, RetOf<ManagementService['canister_info']>> = {
  name: 'canister_info',
  arg: canisterInfoArgEncoder,
  ret: canisterInfoRetDecoder,
}

type VetkdDeriveKeyArg = { context: Uint8Array; key_id: VetkdDeriveKeyArgKey_id; input: Uint8Array; transport_public_key: Uint8Array }
type VetkdDeriveKeyArgKey_id = { name: string; curve: VetkdDeriveKeyArgKey_idCurve }
type VetkdDeriveKeyArgKey_idCurve = { bls12_381_g2: null }
type VetkdDeriveKeyRet = { encrypted_key: Uint8Array }
type SchnorrPublicKeyArg = { key_id: SchnorrPublicKeyArgKey_id; canister_id: [] | [Principal]; derivation_path: Uint8Array[] }
type SchnorrPublicKeyArgKey_id = { algorithm: SchnorrPublicKeyArgKey_idAlgorithm; name: string }
type SchnorrPublicKeyArgKey_idAlgorithm = { ed25519: null }
type SchnorrPublicKeyRet = { public_key: Uint8Array; chain_code: Uint8Array }
type SignWithSchnorrArg = { key_id: SchnorrPublicKeyArgKey_id; derivation_path: Uint8Array[]; message: Uint8Array }
type SignWithSchnorrRet = { signature: Uint8Array }
type CanisterInfoArg = { canister_id: Principal; num_requested_changes: [] | [bigint] }
type CanisterInfoRet = { controllers: Principal[]; module_hash: [] | [Uint8Array] }
function readVetkdDeriveKeyRet(): VetkdDeriveKeyRet {
  return { encrypted_key: readBlob() }
}
function readSchnorrPublicKeyRet(): SchnorrPublicKeyRet {
  return { public_key: readBlob(), chain_code: readBlob() }
}
function readSignWithSchnorrRet(): SignWithSchnorrRet {
  return { signature: readBlob() }
}
function readCanisterInfoRet(): CanisterInfoRet {
  return { controllers: readVec(readPrincipal), module_hash: readBool() ? [readBlob()] : [] }
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
function writeSchnorrPublicKeyArg(value: Encodable<SchnorrPublicKeyArg>): void {
  writeSchnorrPublicKeyArgKey_idAlgorithm(value.key_id.algorithm)
  writeText(value.key_id.name)
  if (value.canister_id.length === 0) writeByte(0)
  else {
    writeByte(1)
    writePrincipal(value.canister_id[0])
  }
  writeVec(value.derivation_path, writeBlob)
}
function writeSchnorrPublicKeyArgKey_idAlgorithm(value: Arms<Encodable<SchnorrPublicKeyArgKey_idAlgorithm>>): void {
  if (value.ed25519 !== undefined) writeByte(0)
  else throw NO_ARM
}
function writeSignWithSchnorrArg(value: Encodable<SignWithSchnorrArg>): void {
  writeSchnorrPublicKeyArgKey_idAlgorithm(value.key_id.algorithm)
  writeText(value.key_id.name)
  writeVec(value.derivation_path, writeBlob)
  writeBlob(value.message)
}
function writeCanisterInfoArg(value: Encodable<CanisterInfoArg>): void {
  writePrincipal(value.canister_id)
  if (value.num_requested_changes.length === 0) writeByte(0)
  else {
    writeByte(1)
    writeNat64(value.num_requested_changes[0])
  }
}

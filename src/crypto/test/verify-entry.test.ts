import { build } from 'esbuild'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import * as everything from '../src/index.ts'
import * as verifyPart from '../src/verify.ts'

const bundle = await build({
  entryPoints: [new URL('../src/verify.ts', import.meta.url).pathname],
  bundle: true,
  write: false,
  format: 'iife',
  globalName: 'verify',
  metafile: true,
  platform: 'neutral',
})
const code = bundle.outputFiles[0]?.text ?? ''

test('what a canister links cannot decrypt, derive or seal', () => {
  expect(Object.keys(bundle.metafile.inputs).filter((file) => !file.startsWith('src/crypto/src/'))).toEqual([])
  expect(code).not.toMatch(/subtle|AES-GCM|HKDF|decrypt|getRandomValues/)
  expect(code).not.toMatch(/medguard\/1\//) // no label of a derived key either
})

test('what a canister links runs on the language alone', () => {
  const accepted: unknown = runInNewContext(`${code}; [
    verify.decodeManifest(new Uint8Array(268)).code,
    verify.isAcceptableTransportKey(new Uint8Array(48)),
    verify.compartmentKeyInput({ patientId: new Uint8Array(16), compartmentKind: 1, compartmentId: new Uint8Array(16), epoch: 1 }).length,
    verify.padmeLength(9),
  ].join()`)
  expect(accepted).toBe('BadFormat,false,41,10')
})

test('the main entry offers all of it, and more', () => {
  expect(Object.keys(everything)).toEqual(expect.arrayContaining(Object.keys(verifyPart)))
})

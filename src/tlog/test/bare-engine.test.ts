import { build } from 'esbuild'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { EMPTY_PEAKS, appendLeaf, leafHash, rootOf } from '../src/index.ts'
import { hex, sha256 } from './slow-tree.ts'

test('the package runs on the language alone, as in a canister', async () => {
  const bundle = await build({
    entryPoints: [new URL('../src/index.ts', import.meta.url).pathname],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'tlog',
    metafile: true,
    platform: 'neutral',
  })
  expect(Object.keys(bundle.metafile.inputs).filter((file) => !file.startsWith('src/tlog/src/'))).toEqual([])
  // A new context has no TextEncoder, Buffer, crypto, console or timers. The hash comes from outside, as in a canister.
  const root: unknown = runInNewContext(
    `${bundle.outputFiles[0]?.text ?? ''}
    let peaks = tlog.EMPTY_PEAKS
    for (let i = 0; i < 7; i++) peaks = tlog.appendLeaf(hash, peaks, tlog.leafHash(hash, Uint8Array.of(i))).peaks
    const head = tlog.encodeTreeHead({ logId: tlog.logIdOf(hash, Uint8Array.of(1)), size: 7, root: tlog.rootOf(hash, peaks), timeNs: 1n })
    tlog.readLogWitness(hash, tlog.logWitness(tlog.configNodeHash(hash, new Uint8Array(32)), head)).treeHead.root`,
    { hash: (bytes: Uint8Array) => sha256(bytes) },
  )
  let peaks = EMPTY_PEAKS
  for (let i = 0; i < 7; i++) peaks = appendLeaf(sha256, peaks, leafHash(sha256, Uint8Array.of(i))).peaks
  expect(hex(root as Uint8Array)).toBe(hex(rootOf(sha256, peaks)))
})

/**
 * `npx tsx test/scenarios/make-golden.ts NAME` writes the golden image of a release: what its modules stored, what is answered from that, and the
 * bundles that the modules are made of. No test runs it: the files of a release were written by its own modules, and later ones can't write them
 * again.
 *
 * When the modules of a release store another layout than the newest image has, before the release: let the story do what is new as well, run this once
 * with the modules that are released, and add the name to `RELEASES`. An old folder stays as long as a canister of its release may still
 * be upgraded; what the present story does beyond an old one is of no concern to it.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { buildCanister } from '../../scripts/build-canisters.ts'
import { CANISTER_NAMES, type CanisterName } from './clinic.ts'
import { ask, bundleFile, type Facts, factsFile, imageFile, reopen } from './golden.fixture.ts'
import { tellStory } from './golden-story.fixture.ts'
import { unpackImage } from './stable-image.ts'

const [release] = process.argv.slice(2)
if (release === undefined || !/^[a-z0-9-]+$/.test(release)) throw new Error('usage: make-golden.ts NAME')
const { takenNs, images, log, ids, questions } = await tellStory()
mkdirSync(new URL('.', factsFile(release)), { recursive: true })
const built = {
  consent: await buildCanister('consent'),
  records: await buildCanister('records'),
  audit: await buildCanister('audit'),
}
for (const name of CANISTER_NAMES) {
  writeFileSync(imageFile(release, name), images[name])
  writeFileSync(
    bundleFile(release, name),
    gzipSync(readFileSync(built[name].wasmPath.replace(/wasm$/, 'js')), { level: 9 }),
  )
}
const imageOf = (name: CanisterName) => unpackImage(images[name])
const net = await reopen({ consent: imageOf('consent'), records: imageOf('records'), audit: imageOf('audit') }, takenNs)
const exchanges = ask(net, questions, log.leafHashes.length)
const { consent, records, audit } = built
const modules = { consent: consent.wasmHash, records: records.wasmHash, audit: audit.wasmHash }
const facts: Facts = {
  source: 'test/scenarios/make-golden.ts',
  modules,
  takenNs: takenNs.toString(),
  log,
  ids,
  exchanges,
}
writeFileSync(factsFile(release), `${JSON.stringify(facts, null, 1)}\n`)

/**
 * `npx tsx test/scenarios/make-first-light.ts` writes the images of `test/vectors/first-light` and what is answered from them. No test runs it: the
 * files were written by the modules of that release, and later modules can't write them again.
 *
 * When the modules of a release store another layout than the newest images have, before the release: copy `first-light.ts` and this file
 * under the name of the release, let the story do what is new as well, give it a folder of its own in `test/vectors`, run it once with the
 * modules that are released, and let `upgrades.test.ts` run over that folder too. An old folder stays as long as a canister of its release may
 * still be upgraded.
 */
import { writeFileSync } from 'node:fs'
import { buildCanister } from '../../scripts/build-canisters.ts'
import { CANISTER_NAMES, type CanisterName } from './clinic.ts'
import { ask, type Facts, FACTS_FILE, imageFile, readImages, reopen, tellFirstLight } from './first-light.ts'

const { takenNs, images, log, ids, questions } = await tellFirstLight()
for (const name of CANISTER_NAMES) writeFileSync(imageFile(name), images[name])
const net = await reopen(readImages(), takenNs)
const exchanges = ask(net, questions, log.leafHashes.length)
const hashOf = async (name: CanisterName) => (await buildCanister(name)).wasmHash
const modules = { consent: await hashOf('consent'), records: await hashOf('records'), audit: await hashOf('audit') }
const source = 'test/scenarios/make-first-light.ts'
const facts: Facts = { source, modules, takenNs: takenNs.toString(), log, ids, exchanges }
writeFileSync(FACTS_FILE, `${JSON.stringify(facts, null, 1)}\n`)

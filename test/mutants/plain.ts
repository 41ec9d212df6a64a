import type { Mutant } from './run-mutant.fixture.ts'

const SWAPS = 'src/crypto/test/swaps.test.ts'
const TREE = 'src/tlog/test/tree.test.ts'
const DECISION = 'canisters/shared/src/decision.test.ts'
const DECISION_AGAIN = 'canisters/shared/src/decision-again.test.ts'
const RECOVERY_RULES = 'canisters/shared/src/recovery-rules.test.ts'
const GRANT_RULES = 'canisters/shared/src/grant-rules.test.ts'
const TRUST_BOOK = 'canisters/shared/src/trust-book.test.ts'
const OUTBOX = 'canisters/shared/src/outbox.test.ts'
const INBOX = 'canisters/shared/src/inbox.test.ts'

const DEVICE_HTTP = 'canisters/records/src/device-http.test.ts'

/** Weaknesses that plain functions show. */
export const PLAIN_MUTANTS: readonly Mutant[] = [
  {
    name: 'whoever names a device’s algorithm is believed to be that device',
    file: 'canisters/records/src/device-http.ts',
    find: 'algorithm === device.algorithm && verifySignature(',
    replace: 'algorithm === device.algorithm || verifySignature(',
    killedBy: [
      DEVICE_HTTP,
      'an unknown device, a wrong key, another algorithm, a changed request and a changed signature are one answer',
    ],
  },
  {
    name: 'a body is taken that nobody signed',
    file: 'canisters/records/src/signed-request.ts',
    find: "if (hasBody && get('content-digest') !==",
    replace: "if (!hasBody && get('content-digest') !==",
    killedBy: [DEVICE_HTTP, 'another body'],
  },
  {
    name: 'who reads in somebody’s place adds, too',
    file: 'canisters/shared/src/decision.ts',
    find: 'POWER.read | POWER.write : POWER.write\n',
    replace: 'POWER.read | POWER.write : POWER.read\n',
    killedBy: [DECISION, 'lets carers do what their powers say, in that very vault'],
  },
  {
    name: 'what somebody lays down about who brings them back counts at once',
    file: 'canisters/shared/src/recovery-rules.ts',
    find: 'if (state.current === null) return',
    replace: 'if (state.fromNs >= 0n) return',
    killedBy: [RECOVERY_RULES, 'count at once when they are the first, and after three days when they are not'],
  },
  {
    name: 'kit and guardians who were named a moment ago wait for twelve hours',
    file: 'canisters/shared/src/recovery-rules.ts',
    find: 'later(nowNs + RECOVERY_SHORT_WAIT_NS, sinceNs + RECOVERY_WAIT_NS)',
    replace: 'later(nowNs + RECOVERY_SHORT_WAIT_NS, sinceNs)',
    killedBy: [RECOVERY_RULES, 'never begins faster than three days after its settings were laid down'],
  },
  {
    name: 'what a guardian said once counts for ever',
    file: 'canisters/shared/src/recovery-rules.ts',
    find: 'nowNs < atNs + RECOVERY_OPEN_NS && settings',
    replace: 'nowNs >= atNs && settings',
    killedBy: [RECOVERY_RULES, 'count for a week, of guardians who are named now'],
  },
  {
    name: 'somebody else than the owner takes the last of a vault',
    file: 'canisters/records/src/rules.ts',
    find: 'versions >= RECORDS_PER_ACCOUNT_MAX - RECORDS_OF_OWNER_ALONE ||',
    replace: 'versions >= RECORDS_PER_ACCOUNT_MAX + RECORDS_OF_OWNER_ALONE ||',
    killedBy: [
      'canisters/records/src/rules.test.ts',
      'others have a part of a vault each, and its owner some that is theirs alone',
    ],
  },
  {
    name: 'what was announced under a grant is not counted',
    file: 'canisters/records/src/usage-book.ts',
    find: 'if (grantId === null || isErased(patientId)) return',
    replace: 'if (grantId === null || sizeBytes >= 0n) return',
    killedBy: [
      'canisters/records/src/usage-book.test.ts',
      'room under a grant is what was begun under it and not given up, whatever is deleted',
    ],
  },
  // Who may do what.
  {
    name: 'a permit outlives what was written',
    file: 'canisters/shared/src/decision.ts',
    find: 'permit.written === written && ',
    replace: '',
    killedBy: [DECISION_AGAIN, 'sees in the very next message that a fact was written'],
  },
  {
    name: 'a permit outlives the moments that it rests on',
    file: 'canisters/shared/src/horizon.ts',
    find: 'if (momentNs < earliestNs) earliestNs = momentNs',
    replace: '',
    killedBy: [DECISION_AGAIN, 'sees at the very moment that what it rested on is over'],
  },
  {
    name: 'a grant lives on in the nanosecond of its end',
    file: 'canisters/shared/src/decision.ts',
    find: 'if (hasCome(overNs, nowNs)) return',
    replace: 'if (nowNs > overNs) return',
    killedBy: [DECISION, 'permits from the first nanosecond of the period to the last before its end'],
  },
  {
    name: 'an end before its time does not count',
    file: 'canisters/shared/src/decision.ts',
    find: 'endedNs !== null && endedNs < grant.endNs ? endedNs : grant.endNs',
    replace: 'grant.endNs',
    killedBy: [DECISION, 'refuses from the very nanosecond in which the grant was revoked'],
  },
  {
    name: 'any right is every right',
    file: 'canisters/shared/src/decision.ts',
    find: '(grant.rights & anyOf) !== 0',
    replace: 'grant.rights !== 0',
    killedBy: [DECISION, 'tells nothing for a right that was not given'],
  },
  {
    name: 'who is blocked may all the same',
    file: 'canisters/shared/src/decision.ts',
    find: "standing === 'nobody' || standing === 'blocked'",
    replace: "standing === 'nobody'",
    killedBy: [DECISION, 'says to who stands to it as blocked'],
  },
  {
    name: 'a grant opens every compartment of its kind',
    file: 'canisters/shared/src/decision.ts',
    find: 'text(each.cid) === askedCid && each.compartmentKind === compartmentKind',
    replace: 'each.compartmentKind === compartmentKind',
    killedBy: [DECISION, 'is the grant’s own words and nothing beyond them'],
  },
  {
    name: 'one power of a carer is every power',
    file: 'canisters/shared/src/decision.ts',
    find: '& powers) !== powers) return null',
    replace: '& powers) === 0 && powers === 0) return null',
    killedBy: [DECISION, 'lets carers do what their powers say, in that very vault'],
  },
  {
    name: 'an owner is in every vault',
    file: 'canisters/shared/src/decision.ts',
    find: 'if (equalBytes(account.patientId, patientId)) return account',
    replace: 'return account',
    killedBy: [DECISION, 'under the name of another patient'],
  },
  {
    name: 'somebody shares what is not theirs',
    file: 'canisters/shared/src/grant-rules.ts',
    find: '!isOwnShare && !isHome(facts, compartment)',
    replace: '!isOwnShare && grantId.length === 0',
    killedBy: [GRANT_RULES, 'never throws and is never more than what its patient owns'],
  },
  {
    name: 'a carer shares with another sign-in of their own',
    file: 'canisters/shared/src/grant-rules.ts',
    find: 'givers.some((each) => equalBytes(grantee, each))',
    replace: 'equalBytes(grantee, givers[0] ?? grantee)',
    killedBy: [GRANT_RULES, 'another sign-in of one’s own'],
  },
  {
    name: 'what is sensitive goes along unnamed',
    file: 'canisters/shared/src/grant-rules.ts',
    find: 'return (covered & sensitive) === 0 ? null',
    replace: 'return sensitive >= 0 ? null',
    killedBy: [GRANT_RULES, 'the sensitive category unnamed'],
  },
  {
    name: 'terms that were lost on the way exclude nobody',
    file: 'canisters/shared/src/grant-rules.ts',
    find: "if (terms === null) return isOrganisation ? refuse.badInput('terms', 'missing') : null",
    replace: 'if (terms === null) return null',
    killedBy: [GRANT_RULES, 'an organisation and no word of its members'],
  },
  {
    name: 'an excluded member reads',
    file: 'canisters/shared/src/trust-book.ts',
    find: 'const isOut = terms?.excluded.some((out) => principals.some((each) => samePrincipal(out, each))) === true',
    replace: 'const isOut = principals.length === 0',
    killedBy: [TRUST_BOOK, 'whatever is done in whatever order, stands as a plain reading of all that was said'],
  },
  {
    name: 'what the council verified for a while lasts for ever',
    file: 'canisters/shared/src/trust-rows.ts',
    find: '!hasCome(new DataView(known.buffer, known.byteOffset).getBigUint64(2), nowNs)',
    replace: '!hasCome(new DataView(known.buffer, known.byteOffset).getBigUint64(2), 0n)',
    killedBy: [TRUST_BOOK, 'whatever is done in whatever order, stands as a plain reading of all that was said'],
  },
  {
    name: 'members of a suspended organisation read on',
    file: 'canisters/shared/src/trust-book.ts',
    find: "return book.isInForce(orgId, nowNs) ? 'grantee' : 'unverified'",
    replace: "return 'grantee'",
    killedBy: [TRUST_BOOK, 'whatever is done in whatever order, stands as a plain reading of all that was said'],
  },
  {
    name: 'any role in an organisation is a clinical one',
    file: 'canisters/shared/src/trust-book.ts',
    find: 'terms === null || terms.roles === 0 ? CLINICAL_ROLES : terms.roles',
    replace: '0xff',
    killedBy: [TRUST_BOOK, 'whatever is done in whatever order, stands as a plain reading of all that was said'],
  },
  {
    name: 'a retired epoch is taken',
    file: 'canisters/consent/src/rules.ts',
    find: 'return epoch >= minEpoch && epoch <= currentEpoch',
    replace: 'return epoch <= currentEpoch',
    killedBy: ['canisters/consent/src/rules.test.ts', 'can be derived from the lowest to the current one'],
  },
  {
    name: 'a manifest of another patient is stored',
    file: 'canisters/records/src/rules.ts',
    find: "if (!equalBytes(manifest.patientId, upload.patientId)) return 'patientId'",
    replace: '',
    killedBy: ['canisters/records/src/rules.test.ts', 'is refused with a manifest of another patient'],
  },

  // Streams and memories.
  {
    name: 'the outbox drops what the log did not acknowledge',
    file: 'canisters/shared/src/outbox.ts',
    find: 'if (indices === null || indices.length !== count) {',
    replace:
      'if (indices === null) acknowledge(first, Array.from({ length: count }, () => 0n))\n    if (indices === null || indices.length !== count) {',
    killedBy: [OUTBOX, 'without an acknowledgement the leaf stays and is sent again, later each time'],
  },
  {
    name: 'an answer counts without an acknowledgement',
    file: 'canisters/shared/src/outbox.ts',
    find: "return indices.length === seqs.length ? indices : 'unavailable'",
    replace: 'return indices',
    killedBy: [OUTBOX, 'without an acknowledgement the leaf stays and is sent again, later each time'],
  },
  {
    name: 'the outbox never fills',
    file: 'canisters/shared/src/outbox.ts',
    find: 'outbox.waiting() >= BigInt(OUTBOX_WAITING_MAX)',
    replace: 'outbox.waiting() > BigInt(OUTBOX_WAITING_MAX)',
    killedBy: [OUTBOX, 'is full from a thousand waiting leaves on'],
  },
  {
    name: 'a source may say two things under one number',
    file: 'canisters/shared/src/inbox.ts',
    find: "if (!isSame(seq, item)) return { kind: 'fork', seq }",
    replace: '',
    killedBy: [INBOX, 'freezes a source that says something else under a number it used'],
  },
  {
    name: 'a gap in a stream is taken',
    file: 'canisters/shared/src/inbox.ts',
    find: "if (firstSeq > next) return { kind: 'gap' }",
    replace: 'if (firstSeq > next) firstSeq = next',
    killedBy: [INBOX, 'takes every item once and in order, whatever comes again, late or too early'],
  },
  {
    name: 'the memory of requests forgets one nanosecond early',
    file: 'canisters/shared/src/requests.ts',
    find: 'if (sinceNs(window, at) + REQUEST_MEMORY_NS > nowNs)',
    replace: 'if (sinceNs(window, at) + REQUEST_MEMORY_NS - 1n > nowNs)',
    killedBy: [
      'canisters/shared/src/requests.test.ts',
      'is busy while a request is in flight and done for ten minutes after it',
    ],
  },
  {
    name: 'a budget is one larger than it says',
    file: 'canisters/shared/src/buckets.ts',
    find: 'const overNs = afterNs - nowNs - NS_PER_HOUR',
    replace: 'const overNs = afterNs - nowNs - NS_PER_HOUR - unitNs',
    killedBy: [
      'canisters/shared/src/memories.test.ts',
      'may be spent at once, refills evenly and is separate for each key',
    ],
  },
  {
    name: 'whoever likes configures',
    file: 'canisters/shared/src/configuration.ts',
    find: 'if (!context.isController) return { Err: refuse.notPermitted }',
    replace: '',
    killedBy: ['canisters/shared/src/memories.test.ts', 'is empty until a controller sets it'],
  },
  {
    name: 'the guard passes vectors of nothing',
    file: 'src/protocol/src/candid-table.ts',
    find: "return !this.isZeroSize(element) || this.fail('zeroSize')",
    replace: 'return true',
    killedBy: ['src/protocol/src/candid-guard.test.ts', 'refuses'],
  },
  {
    name: 'the anonymous caller is somebody',
    file: 'canisters/shared/src/answer.ts',
    find: 'if (!allowsAnonymous && caller.length === 1 && caller[0] === 4) return refuseWith(refuse.notSignedIn)',
    replace: '',
    killedBy: ['canisters/shared/src/answer.test.ts', 'refuses the anonymous caller before it looks at the argument'],
  },

  // The log.
  {
    name: 'leaves are not blinded',
    file: 'canisters/audit/src/append.ts',
    find: 'blinding: leafBlinding(hash, chain?.end.auditKey ?? batch.systemKey, index)',
    replace: 'blinding: ZERO_HASH',
    killedBy: ['canisters/audit/src/append.test.ts', 'blinds with the key of the patient'],
  },
  {
    name: 'the log’s time goes back',
    file: 'canisters/audit/src/append.ts',
    find: 'const timeNs = nowNs > state.lastTimeNs ? nowNs : state.lastTimeNs',
    replace: 'const timeNs = nowNs',
    killedBy: ['canisters/audit/src/append.test.ts', 'never goes back in time'],
  },
  {
    name: 'records writes any event',
    file: 'canisters/audit/src/rules.ts',
    find: 'return RECORDS_EVENTS.has(event) === (source === LOG_SOURCE.records) && source !== LOG_SOURCE.audit',
    replace: 'return true',
    killedBy: ['canisters/audit/src/rules.test.ts', 'records writes what it commits, consent everything else'],
  },
  {
    name: 'a verifier that stumbles says yes',
    file: 'src/tlog/src/verify.ts',
    find: 'return false // a value of the wrong type or a hash that failed proves nothing',
    replace: 'return true',
    killedBy: [TREE, 'values of any shape are answered with false, without an exception'],
  },
  {
    name: 'an inclusion proof may end anywhere',
    file: 'src/tlog/src/verify.ts',
    find: 'return last === 0 && equalBytes(node, root)\n',
    replace: 'return last === 0\n',
    killedBy: [TREE, 'one changed bit anywhere ends an inclusion proof'],
  },
  {
    name: 'a consistency proof need not arrive at the old root',
    file: 'src/tlog/src/verify.ts',
    find: 'return last === 0 && equalBytes(oldNode, oldRoot) && equalBytes(newNode, newRoot)',
    replace: 'return last === 0 && equalBytes(newNode, newRoot)',
    killedBy: [TREE, 'a rewritten leaf below the old size cannot be proven consistent'],
  },

  // Sealing and opening.
  {
    name: 'a wrap does not say which record it is of',
    file: 'src/crypto/src/wrap.ts',
    find: '    recordFields(place),\n    stepFields(keys),',
    replace: '    stepFields(keys),',
    killedBy: [SWAPS, 'opens nothing for another record or version'],
  },
  {
    name: 'a wrap does not say where it belongs',
    file: 'src/crypto/src/wrap.ts',
    find: '    Uint8Array.of(compartmentKind),\n    compartmentId,\n    recordFields(place),',
    replace: '    recordFields(place),',
    killedBy: [SWAPS, 'the place is authenticated, not only the key'],
  },
  {
    name: 'a header secret that the author did not commit to is wrapped on',
    file: 'src/crypto/src/wrap.ts',
    find: '    expectListed(await headerSecretOf(recordKey, place), place, manifest)\n',
    replace: '',
    killedBy: [SWAPS, 'a wrap of a secret the author did not commit to is not passed on'],
  },
  {
    name: 'a header of another manifest opens',
    file: 'src/crypto/src/record-head.ts',
    find: 'concatBytes(TAG.header, boundHash)',
    replace: 'concatBytes(TAG.header, boundHash.subarray(0, 0))',
    killedBy: [SWAPS, 'does not open beside another manifest'],
  },
  {
    name: 'chunks do not say which is the last',
    file: 'src/crypto/src/body.ts',
    find: 'const last = index === plan.chunkCount - 1 ? 1 : 0',
    replace: 'const last = 0',
    killedBy: [SWAPS, 'since a last chunk is marked'],
  },
  {
    name: 'a body is not compared with what its manifest names',
    file: 'src/crypto/src/body.ts',
    find: 'if (!equalBytes(await cipherRootOf(all), manifest.cipherRoot)) {',
    replace: 'if (all.length === 0) {',
    killedBy: [SWAPS, 'whose author misstates root, length, padding or hash does not open'],
  },
  {
    name: 'the stream salt is the same each time',
    file: 'src/crypto/src/body.ts',
    find: 'return sealBodyWithSalt(options, randomBytes(STREAM_SALT_BYTES))',
    replace: 'return sealBodyWithSalt(options, randomBytes(STREAM_SALT_BYTES).fill(1))',
    killedBy: [
      'src/crypto/test/round-trip.test.ts',
      'draws a new salt each time, so that two passes share no ciphertext',
    ],
  },
  {
    name: 'a key is used although another was recorded',
    file: 'src/crypto/src/vetkd.ts',
    find: 'if (recordedCheckValue !== null) expectCheckValue(keys, recordedCheckValue)',
    replace: '',
    killedBy: [
      'src/crypto/test/vetkd.test.ts',
      'a derivation made here with the development secret gives working compartment keys',
    ],
  },
  {
    name: 'infinity is a transport key',
    file: 'src/crypto/src/transport-key.ts',
    find: '(first & 0x80) === 0 || (first & 0x40) !== 0',
    replace: '(first & 0x80) === 0',
    killedBy: ['src/crypto/test/vetkd.test.ts', 'not infinity, the generator, its negative'],
  },
  {
    name: 'a writer goes back to an epoch that was left behind',
    file: 'src/client/src/writing.ts',
    find: 'if (current <= epoch) throw',
    replace: 'if (current < 0) throw',
    killedBy: ['src/client/src/writing.test.ts', 'nothing is wrapped for epoch'],
  },
  {
    name: 'a sweep of before counts though somebody began to erase their account since',
    file: 'canisters/consent/src/watch-facts.ts',
    find: 'section === SECTION.erasures ',
    replace: 'section === 256 ',
    killedBy: ['canisters/consent/src/watch-facts.test.ts', 'every change of a fact is noted, in whatever section'],
  },
]

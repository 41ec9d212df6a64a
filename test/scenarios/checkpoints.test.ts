import { createHash, createPublicKey, verify } from 'node:crypto'
import { type Checkpoint, NS_PER_HOUR, Principal } from '@medguard/protocol'
import {
  decodeCheckpoint,
  decodeNote,
  decodeNoteKey,
  originOf,
  rootOf,
  EMPTY_PEAKS,
  appendLeaf,
  readLogWitness,
} from '@medguard/tlog'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Clinic, kindOf, openClinic } from './clinic.ts'

// What a monitor and a witness use who know nothing of the Internet Computer: tiles of the tree, and signed checkpoints (C2SP).

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest())

let clinic: Clinic
beforeAll(async () => {
  clinic = await openClinic()
  await clinic.person('patient').client.enrol()
})
afterAll(() => clinic.close())

const stranger = () => clinic.person('stranger').principal
const anonymous = () => Principal.anonymous()
const listing = () => clinic.person('patient').client.list({ of: 'me' }, ['labs'])
const make = () => clinic.ok(stranger(), 'audit', 'makeCheckpoint', null)
const head = async () => readLogWitness(sha256, (await clinic.ok(stranger(), 'audit', 'head', null)).witness)!.treeHead
const text = (note: Uint8Array) => new TextDecoder().decode(note)
const sizeOf = ({ note }: Checkpoint) => decodeCheckpoint(decodeNote(text(note))!.text)!.size

describe('tiles', () => {
  test('hold the leaf hashes of the certified tree, whoever asks', async () => {
    for (let i = 0; i < 20; i++) await listing()
    const { size, root } = await head()
    const tile = await clinic.ok(anonymous(), 'audit', 'tile', { level: 0, index: 0 })
    expect(tile.length).toBe(32 * size)
    let peaks = EMPTY_PEAKS
    for (let i = 0; i < size; i++) ({ peaks } = appendLeaf(sha256, peaks, tile.slice(32 * i, 32 * i + 32)))
    expect(rootOf(sha256, peaks)).toEqual(root)
  })
  test.each([
    ['behind the end', { level: 0, index: 1 }, 'index'],
    ['of a level that is not complete yet', { level: 1, index: 0 }, 'index'],
    ['of a level that no log has', { level: 4, index: 0 }, 'level'],
    ['far behind', { level: 0, index: 0xffff_ffff }, 'index'],
  ])('%s are refused', async (_, asked, field) => {
    expect(await clinic.call(stranger(), 'audit', 'tile', asked)).toEqual({
      Err: { BadInput: { field, code: 'range' } },
    })
  })
})

/** What runs when nothing has to be signed. */
const NO_ANSWER = ['canister_inspect_message', 'makeCheckpoint']

describe('checkpoints', () => {
  test('are not there before a controller names the key, and nobody else can name one', async () => {
    expect(kindOf(await clinic.call(stranger(), 'audit', 'makeCheckpoint', null))).toBe('NotReady')
    expect(await clinic.ok(stranger(), 'audit', 'checkpoint', null)).toEqual([])
    expect(kindOf(await clinic.call(stranger(), 'audit', 'configureCheckpoints', { keyName: 'dfx_test_key' }))).toBe(
      'NotPermitted',
    )
    expect(kindOf(await clinic.call(clinic.controller, 'audit', 'configureCheckpoints', { keyName: 'Key 1' }))).toBe(
      'BadInput',
    )
    const before = (await head()).size
    await clinic.ok(clinic.controller, 'audit', 'configureCheckpoints', { keyName: 'dfx_test_key' })
    expect((await head()).size).toBe(before + 1) // and the log says so
    expect(kindOf(await clinic.call(clinic.controller, 'audit', 'configureCheckpoints', { keyName: 'key_1' }))).toBe(
      'IdConflict',
    )
  })

  test('are signed notes of the certified tree, by the key of the log', async () => {
    const made = await make()
    const { size, root } = await head()
    const note = decodeNote(text(made.note))!
    expect(decodeCheckpoint(note.text)).toEqual({ origin: originOf(clinic.ids.audit.toText()), size, root })
    const key = decodeNoteKey(sha256, made.key)!
    const [line, ...more] = note.signatures
    expect([more.length, line!.name, line!.keyHash]).toEqual([0, key.name, key.keyHash])
    // With Node's own Ed25519, as a witness of another make would check it.
    const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key.publicKey])
    const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' })
    expect(verify(null, Buffer.from(note.text), publicKey, line!.signature)).toBe(true)
    expect(await clinic.ok(anonymous(), 'audit', 'checkpoint', null)).toEqual([made])
  })

  test('are made at most hourly, and only when the log grew: nobody can make it pay more', async () => {
    const first = await make()
    const own = clinic.ids.audit.toText()
    const entries = async () => {
      const { parts } = await clinic.metered(make)
      return parts.flatMap(({ canisterId, entry }) => (canisterId === own ? [entry] : []))
    }
    await listing()
    expect(await make()).toEqual(first)
    await clinic.advance(NS_PER_HOUR)
    expect((await entries()).length).toBeGreaterThan(NO_ANSWER.length) // the network answered
    const second = await make()
    expect(sizeOf(second)).toBeGreaterThan(sizeOf(first))
    expect(second.key).toBe(first.key)
    await clinic.advance(NS_PER_HOUR)
    expect(await make()).toEqual(second) // nothing was written since
    expect(await entries()).toEqual(NO_ANSWER)
  })

  test('asked for twice at once are one', async () => {
    await listing()
    await clinic.advance(NS_PER_HOUR)
    const own = clinic.ids.audit.toText()
    const { value: answers, parts } = await clinic.metered(() =>
      Promise.all([1, 2, 3].map(() => clinic.call(stranger(), 'audit', 'makeCheckpoint', null))),
    )
    const notes = answers.flatMap((answer) => ('Ok' in answer ? [text(answer.Ok.note)] : []))
    expect(answers.map(kindOf).filter((kind) => kind !== 'Ok' && kind !== 'Busy')).toEqual([])
    expect(new Set(notes).size).toBe(1)
    const fromNetwork = parts.filter(({ canisterId, entry }) => canisterId === own && !NO_ANSWER.includes(entry))
    expect(fromNetwork).toHaveLength(1)
  })

  test('stay across an upgrade, which signs none anew', async () => {
    const before = await make()
    await clinic.upgrade('audit')
    expect(await clinic.ok(stranger(), 'audit', 'checkpoint', null)).toEqual([before])
    expect(sizeOf(await make())).toBe(sizeOf(before))
  })

  test('are proven to be of the certified log by the client, and to continue the one before', async () => {
    const { client } = clinic.person('witness')
    const first = await client.checkpoint()
    if (first.kind !== 'done' || first.value === null) throw new Error('there is one')
    const { treeSize, root } = first.value
    await listing()
    await clinic.advance(NS_PER_HOUR)
    const second = await client.checkpoint({ make: true, since: { treeSize, root } })
    expect(second).toMatchObject({ kind: 'done', value: { key: first.value.key } })
    const fork = { treeSize, root: '00'.repeat(32) }
    await expect(client.checkpoint({ since: fork })).rejects.toMatchObject({ code: 'LogBroken' })
    await expect(client.checkpoint({ since: { treeSize: 10_000, root } })).rejects.toMatchObject({ code: 'LogBroken' })
  })
})

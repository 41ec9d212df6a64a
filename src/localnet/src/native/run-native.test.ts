import { beforeEach, describe, expect, test } from 'vitest'
import { prepareModule } from '../wasm/index.ts'
import { ALLOWED_IMPORTS } from '../system-api/index.ts'
import {
  ALICE,
  BOB,
  errorOf,
  messageOf,
  openNetwork,
  replyOf,
  type TestNetwork,
  textOf,
} from '../state-machine/network.fixture.ts'
import * as uc from '../state-machine/universal-canister.fixture.ts'
import { builtInModule } from './index.ts'
import { NOTEBOOK } from './notebook.fixture.ts'

const { program } = uc
const natives = new Map([['notebook', NOTEBOOK]])
const open = (saved?: ReadonlyMap<string, Uint8Array>) => openNetwork(saved, undefined, { natives })
const bytes = (text: string) => new Uint8Array(Buffer.from(text))
const placeholder = builtInModule('notebook', 'service : {}')

let network: TestNetwork
let notebook: Uint8Array

beforeEach(() => {
  network = open()
  notebook = network.install(placeholder, bytes('dear diary'))
})

const update = (method: string, arg = '', sender = ALICE) => network.update(notebook, bytes(arg), { method, sender })
const query = (method: string, arg = '', sender = ALICE) => network.query(notebook, bytes(arg), { method, sender })

describe('a native canister', () => {
  test('stands for the module that names it, which is valid Wasm without entry points anywhere else', () => {
    const prepared = prepareModule(placeholder, ALLOWED_IMPORTS)
    expect([prepared.methods.size, prepared.imports]).toEqual([0, []])
    expect(network.machine.canister(notebook)).toMatchObject({
      moduleHash: prepared.moduleHash,
      metadata: [{ name: 'localnet:built-in' }, { name: 'candid:service', visibility: 'public' }],
    })
  })

  test('is refused by a network that does not have it, and changes nothing', () => {
    const outcome = network.installCode(notebook, builtInModule('elsewhere'), { reinstall: null })
    expect(messageOf(outcome)).toContain(
      `Canister's Wasm module is not valid: it is a placeholder for "elsewhere", which this network does not have`,
    )
    expect(textOf(query('read', 'first'))).toBe('dear diary')
  })

  test('answers updates and queries, and runs init once', () => {
    expect(textOf(update('write', 'a=1'))).toBe('a,first')
    expect(textOf(query('read', 'a'))).toBe('1')
    expect(textOf(update('read', 'a'))).toBe('1')
    replyOf(network.installCode(notebook, placeholder, { upgrade: [] }, bytes('again')))
    expect(textOf(query('read', 'first'))).toBe('dear diary')
    expect(textOf(query('read', 'a'))).toBe('1')
    replyOf(network.installCode(notebook, placeholder, { reinstall: null }, bytes('again')))
    expect(textOf(query('read', 'first'))).toBe('again')
    expect(textOf(query('read', 'a'))).toBe('')
  })

  test.each([
    ['writeAndTrap', 'IC0503', "Canister called `ic0.trap` with message: 'no'"],
    ['writeAndBreak', 'IC0503', 'the argument is none'],
    ['writeWithoutEnd', 'IC0522', 'exceeded the instruction limit'],
    ['certifyTooMuch', 'IC0504', 'ic0.certified_data_set'],
    ['answerTooMuch', 'IC0504', 'application payload size'],
  ])('keeps nothing of %s', (method, errorCode, message) => {
    update('write', 'a=1')
    const outcome = update(method, 'a=2')
    expect(errorOf(outcome)).toBe(errorCode)
    expect(messageOf(outcome)).toContain(message)
    expect(textOf(query('read', 'a'))).toBe('1')
  })

  test('keeps nothing a query writes, replicated or not', () => {
    expect(textOf(query('readAndWrite', 'a'))).toBe('written by a query')
    expect(textOf(update('readAndWrite', 'a'))).toBe('written by a query')
    expect(textOf(query('read', 'a'))).toBe('')
    expect(errorOf(query('certifyInQuery'))).toBe('IC0504')
  })

  test.each(['toString', 'constructor', 'nothing', '__proto__'])('has no method %s', (method) => {
    expect(errorOf(query(method))).toBe('IC0536')
    expect(errorOf(update(method))).toBe('IC0536')
  })

  test('has its updates called as updates only', () => {
    expect(errorOf(query('write', 'a=1'))).toBe('IC0536')
  })

  test('certifies its data for those who query it, and for nobody else', () => {
    update('write', 'a=under seal')
    expect(Buffer.from(replyOf(query('certificate'))).includes('under seal')).toBe(true)
    expect(replyOf(update('certificate'))).toHaveLength(0)
  })

  test('knows who calls, and whether it runs on one replica', () => {
    const seen = (outcome: Parameters<typeof textOf>[0]) => JSON.parse(textOf(outcome)) as unknown
    expect(seen(query('who'))).toMatchObject({ caller: [...ALICE], mine: true, isReplicated: false, environment: [] })
    expect(seen(update('who', '', BOB))).toMatchObject({ caller: [...BOB], mine: false, isReplicated: true })
  })

  test('is called by canisters as any other', () => {
    const caller = network.install(uc.universalWasm())
    const call = uc.call({
      callee: notebook,
      method: 'write',
      payload: bytes('b=2'),
      onReply: program(uc.sayArgument, uc.reply),
      onReject: program(uc.sayReject, uc.reply),
    })
    expect(textOf(network.update(caller, program(call)))).toBe('b,first')
  })

  test('is metered', () => {
    network.machine.takeMeters()
    update('write', 'a=1')
    const [part] = network.machine.takeMeters()
    expect(part).toMatchObject({ entry: 'write' })
    expect(Number(part?.instructions)).toBeGreaterThan(1_000_000)
    expect(Number(part?.dirtyPages)).toBeGreaterThan(0)
    expect(Number(part?.transmission)).toBeGreaterThan(0)
  })

  test('is as it was after the network was restored', () => {
    for (let n = 0; n < 20; n++) update('write', `line ${n}=${'x'.repeat(n * 100)}`)
    network.save()
    const again = open(network.saved)
    expect(textOf(again.query(notebook, bytes('line 19'), { method: 'read' }))).toBe('x'.repeat(1900))
    expect(textOf(again.update(notebook, bytes('line 1'), { method: 'erase' }))).not.toContain('line 1,')
  })
})

// Every function of the System API in every context: interface specification, "Overview of imports"; the idea of trying the whole table is
// that of the group "API availability" of the reference implementation's acceptance tests (dfinity/ic-hs, src/IC/Test/Spec.hs).
import {
  acceptMessage,
  arrive,
  call,
  clear,
  expectArrivals,
  forgetNotes,
  note,
  onPreUpgrade,
  onStart,
  onTimer,
  program,
  type Program,
  reply,
  say,
  sayBytes,
  sayNotes,
  sayReject,
  sendReply,
  setTimer,
  store,
  type SystemFunctionName,
  trap,
  universalWasm,
} from '@medguard/localnet/universal-canister'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openReplica, type Outcome, type Replica, replyOf, textOf } from './replica.fixture.ts'
import { CONTEXTS, type Context, isAllowed, NAMES, probe } from './system-api.fixture.ts'

let ic: Replica
const settings = { environment_variables: [{ name: 'A', value: 'B' }] }
const inspectingWasm = universalWasm({ inspect: 'argument' })
const startingWasm = universalWasm({ start: true })
const plainWasm = universalWasm()
beforeAll(async () => {
  ic = await openReplica()
})
afterAll(() => ic.close())

/** Answers already: nothing may follow it but the end. */
const answers = (name: SystemFunctionName): boolean => name === 'msg_reply' || name === 'msg_reject'
const probing = (name: SystemFunctionName, context: Context): Program =>
  program(probe(name, context), answers(name) ? program() : sendReply)
const MARK_AT = 512
const mark = store(MARK_AT, 'ran')
const sayMark = program(clear, sayBytes(MARK_AT, 3), reply)
const LANES = 4
/** Between the lines of the notes: no text of the network has it. */
const END_OF_LINE = '§§'

type Verdict = 'works' | 'traps' | `other: ${string}`

/** What a text about the end of a message says of the function that ran in it. */
function verdictOf(name: SystemFunctionName, outcome: Outcome | string): Verdict {
  if (typeof outcome !== 'string' && outcome.kind === 'reply') return 'works'
  const said = typeof outcome === 'string' ? outcome : outcome.kind === 'reject' ? outcome.message : outcome.text
  if (new RegExp(`"ic0_${name}" cannot be executed in .* mode`).test(said)) return 'traps'
  // These two end a message in their own way wherever they are allowed.
  if (name === 'trap' && said.includes('Canister called `ic0.trap`')) return 'works'
  if (name === 'msg_reject' && said === '') return 'works'
  return `other: ${said}`
}

/** Tries all functions one after the other in each of a few canisters. */
async function inLanes(
  deploy: () => Promise<Uint8Array>,
  attempt: (id: Uint8Array, name: SystemFunctionName) => Promise<Verdict>,
): Promise<Map<SystemFunctionName, Verdict>> {
  const verdicts = new Map<SystemFunctionName, Verdict>()
  const waiting = [...NAMES]
  const lane = async () => {
    const id = await deploy()
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift())
      verdicts.set(name, await attempt(id, name))
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  return verdicts
}
const deploy =
  (module = plainWasm) =>
  () =>
    ic.deploy(module, settings)

/** One message tries a function in many calls of the canister itself; the notes are one line for each. */
async function byCalls(each: (id: Uint8Array, name: SystemFunctionName) => { method: string; payload: Program }) {
  const id = await deploy()()
  const done = arrive(program(clear, sayNotes, reply))
  const calls = NAMES.map((name) => {
    const line = (ending: Program) => program(clear, say(`${name}\n`), ending, say(END_OF_LINE), note, done)
    return call({ callee: id, ...each(id, name), onReply: line(program()), onReject: line(sayReject) })
  })
  const lines = textOf(await ic.update(id, program(forgetNotes, expectArrivals(NAMES.length), ...calls)))
  return new Map(
    lines
      .split(END_OF_LINE)
      .slice(0, -1)
      .map((line): [SystemFunctionName, Verdict] => {
        const [name = '', ...rest] = line.split('\n')
        const said = rest.join('\n').slice(4)
        const [known] = NAMES.filter((candidate) => candidate === name)
        if (known === undefined) throw new Error(`a line about ${name}`)
        return [known, rest.join('\n') === '' ? 'works' : verdictOf(known, said)]
      }),
  )
}
const byQueries = (method: string, programOf: (id: Uint8Array, name: SystemFunctionName) => Program) =>
  inLanes(deploy(), async (id, name) => verdictOf(name, await ic.query(id, programOf(id, name), { method })))

const answered = { method: 'ask', payload: program(sendReply) }
const missing = { method: 'missing', payload: program() }
/** Whether the mark was set after the function had run: what a cleanup does leaves no other trace. */
const marked = (name: SystemFunctionName, said: string): Verdict =>
  said === 'ran' || name === 'trap' ? 'works' : 'traps'

const RUNS: Readonly<Record<(typeof CONTEXTS)[number], () => Promise<Map<SystemFunctionName, Verdict>>>> = {
  U: () => byCalls((_id, name) => ({ method: 'run', payload: probing(name, 'U') })),
  RQ: () => byCalls((_id, name) => ({ method: 'ask', payload: probing(name, 'RQ') })),
  Ry: () =>
    byCalls((id, name) => ({
      method: 'run',
      payload: call({ callee: id, ...answered, onReply: probing(name, 'Ry') }),
    })),
  Rt: () =>
    byCalls((id, name) => ({
      method: 'run',
      payload: call({ callee: id, ...missing, onReject: probing(name, 'Rt') }),
    })),
  NRQ: () => byQueries('ask', (_id, name) => probing(name, 'NRQ')),
  CQ: () => byQueries('compose', (_id, name) => probing(name, 'CQ')),
  CRy: () => byQueries('compose', (id, name) => call({ callee: id, ...answered, onReply: probing(name, 'CRy') })),
  CRt: () => byQueries('compose', (id, name) => call({ callee: id, ...missing, onReject: probing(name, 'CRt') })),
  C: () =>
    inLanes(deploy(), async (id, name) => {
      const onCleanup = program(probe(name, 'C'), mark)
      const forget = store(MARK_AT, 'not')
      await ic.update(id, program(forget, call({ callee: id, ...answered, onReply: trap, onCleanup })))
      return marked(name, textOf(await ic.query(id, sayMark)))
    }),
  CC: () =>
    inLanes(deploy(), async (id, name) => {
      const first = call({ callee: id, ...answered, onReply: trap, onCleanup: program(probe(name, 'CC'), mark) })
      const second = call({ callee: id, ...answered, onReply: sayMark })
      return marked(name, textOf(await ic.query(id, program(first, second), { method: 'compose' })))
    }),
  // The argument runs twice: to be let in, and then as the method, where it may trap.
  F: () =>
    inLanes(deploy(inspectingWasm), async (id, name) => {
      const outcome = await ic.update(
        id,
        program(probe(name, 'F'), name === 'accept_message' ? program() : acceptMessage),
      )
      return outcome.kind === 'reject' && !outcome.certified ? verdictOf(name, outcome) : 'works'
    }),
  I: () =>
    inLanes(deploy(), async (id, name) =>
      verdictOf(name, await ic.install(id, plainWasm, { mode: { reinstall: null }, arg: probe(name, 'I') })),
    ),
  G: () =>
    inLanes(deploy(), async (id, name) => {
      replyOf(await ic.update(id, program(onPreUpgrade(probe(name, 'G')), sendReply)))
      return verdictOf(name, await ic.install(id, plainWasm, { mode: { upgrade: [] } }))
    }),
  s: () =>
    inLanes(deploy(startingWasm), async (id, name) => {
      replyOf(await ic.update(id, program(clear, say(probe(name, 's')), onStart, sendReply)))
      return verdictOf(name, await ic.install(id, startingWasm, { mode: { upgrade: [] } }))
    }),
  T: () =>
    inLanes(deploy(), async (id, name) => {
      const before = (await ic.logsOf(id)).length
      const armed = program(store(MARK_AT, 'not'), onTimer(program(probe(name, 'T'), mark)), setTimer(0n), sendReply)
      replyOf(await ic.update(id, armed))
      for (;;) {
        if (textOf(await ic.query(id, sayMark)) === 'ran') return 'works'
        const logs = await ic.logsOf(id)
        const said = logs.find((line, index) => index >= before && line.startsWith('[TRAP]'))
        if (said !== undefined) return verdictOf(name, said)
      }
    }),
}

describe('every function of the System API', () => {
  test.each(CONTEXTS)('in context %s works if it may run there, and traps if not', async (context) => {
    const verdicts = await RUNS[context]()
    const expected = NAMES.map((name) => `${name} ${isAllowed(name, context) ? 'works' : 'traps'}`)
    expect(NAMES.map((name) => `${name} ${verdicts.get(name)}`)).toEqual(expected)
  })
})

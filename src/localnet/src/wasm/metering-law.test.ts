import fc from 'fast-check'
import { expect, test } from 'vitest'
import { I32, i32, op, VOID } from './assembler.fixture.ts'
import { run } from './run-metered.fixture.ts'

// A small language, its compiler, and an interpreter that adds up weights one executed instruction at a time.
type Statement =
  | { readonly kind: 'add'; readonly value: number }
  | { readonly kind: 'divide'; readonly by: number }
  | { readonly kind: 'if'; readonly odd: readonly Statement[]; readonly even: readonly Statement[] }
  | { readonly kind: 'repeat'; readonly times: number; readonly body: readonly Statement[] }
  | { readonly kind: 'fill'; readonly bytes: number }
  | { readonly kind: 'leave-if-odd'; readonly body: readonly Statement[] }
  | { readonly kind: 'call' }

const COUNTERS = 8 // locals 1 to 8 count the turns of nested loops

function compile(statements: readonly Statement[], depth: number): number[] {
  return statements.flatMap((statement): number[] => {
    switch (statement.kind) {
      case 'add':
        return [op.localGet, 0, ...i32(statement.value), op.i32Add, op.localSet, 0]
      case 'divide':
        return [op.localGet, 0, ...i32(statement.by), op.i32DivU, op.localSet, 0]
      case 'if':
        return [
          [op.localGet, 0, ...i32(1), 0x71, op.if, VOID, ...compile(statement.odd, depth), op.else],
          [...compile(statement.even, depth), op.end],
        ].flat()
      case 'repeat': {
        const turn = depth + 1
        const next = [op.localGet, turn, ...i32(1), op.i32Sub, op.localTee, turn, op.brIf, 0]
        const body = compile(statement.body, turn)
        return [...i32(statement.times), op.localSet, turn, op.loop, VOID, ...body, ...next, op.end]
      }
      case 'fill':
        return [...i32(0), ...i32(1), ...i32(statement.bytes), 0xfc, 11, 0]
      case 'leave-if-odd':
        return [op.block, VOID, op.localGet, 0, ...i32(1), 0x71, op.brIf, 0, ...compile(statement.body, depth), op.end]
      default: // a call
        return [op.localGet, 0, op.call, 1, op.localSet, 0]
    }
  })
}

function interpret(statements: readonly Statement[], state: { value: number; cost: number }): void {
  for (const statement of statements) {
    switch (statement.kind) {
      case 'add':
        state.value = (state.value + statement.value) | 0
        state.cost += 4
        break
      case 'divide':
        state.value = Math.floor((state.value >>> 0) / statement.by) | 0
        state.cost += 13
        break
      case 'if':
        state.cost += 5
        interpret((state.value & 1) === 1 ? statement.odd : statement.even, state)
        break
      case 'repeat':
        state.cost += 2
        for (let turn = 0; turn < statement.times; turn++) {
          interpret(statement.body, state)
          state.cost += 6
        }
        break
      case 'fill':
        state.cost += 103 + statement.bytes
        break
      case 'leave-if-odd':
        state.cost += 5
        if ((state.value & 1) === 0) interpret(statement.body, state)
        break
      case 'call': // the callee multiplies by 3: 1 to enter, local.get, const, mul
        state.value = Math.imul(state.value, 3)
        state.cost += 1 + 5 + 1 + 4
        break
    }
  }
}

const { statements } = fc.letrec<{ statements: readonly Statement[]; statement: Statement }>((tie) => ({
  statements: fc.array(tie('statement'), { maxLength: 4, depthIdentifier: 'statement' }),
  statement: fc.oneof(
    { maxDepth: COUNTERS - 1, depthIdentifier: 'statement' },
    fc.record({ kind: fc.constant('add' as const), value: fc.integer() }),
    fc.record({ kind: fc.constant('divide' as const), by: fc.integer({ min: 1, max: 100 }) }),
    fc.record({ kind: fc.constant('fill' as const), bytes: fc.integer({ min: 0, max: 300 }) }),
    fc.record({ kind: fc.constant('call' as const) }),
    fc.record({ kind: fc.constant('if' as const), odd: tie('statements'), even: tie('statements') }),
    fc.record({ kind: fc.constant('repeat' as const), times: fc.integer({ min: 1, max: 3 }), body: tie('statements') }),
    fc.record({ kind: fc.constant('leave-if-odd' as const), body: tie('statements') }),
  ),
}))

test('the counter is the sum of the weights of the executed instructions, and the result is unchanged', () => {
  const types = [{ params: [I32], results: [I32] }]
  const callee = { code: [op.localGet, 0, ...i32(3), op.i32Mul] }
  fc.assert(
    fc.property(statements, fc.integer(), (program, value) => {
      const state = { value, cost: 1 + 1 } // entering, and the last local.get
      interpret(program, state)
      const code = [...compile(program, 0), op.localGet, 0]
      const outcome = run({ memory: 1, types, functions: [{ locals: COUNTERS, code }, callee] }, [value], 10n ** 12n)
      expect(outcome).toMatchObject({ trap: null, result: state.value, used: BigInt(state.cost) })
    }),
    { numRuns: 300 },
  )
})

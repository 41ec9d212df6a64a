import { Fault, type Outcome } from '@medguard/client'
import { expect, test } from 'vitest'
import { createLoadable } from './loadable.ts'
import { createTask } from './task.ts'

function later<T>() {
  const answers: { resolve: (outcome: Outcome<T>) => void; reject: (error: unknown) => void }[] = []
  const ask = () => new Promise<Outcome<T>>((resolve, reject) => answers.push({ resolve, reject }))
  return { answers, ask }
}
const done = <T>(value: T): Outcome<T> => ({ kind: 'done', value })

test('an answer that was overtaken by a newer question does not count', async () => {
  const { answers, ask } = later<string>()
  const store = createLoadable(ask, () => 7)
  const first = store.getState().load()
  const second = store.getState().load()
  answers[1]?.resolve(done('new'))
  await second
  answers[0]?.resolve(done('old'))
  await first
  expect(store.getState().view).toEqual({ status: 'ready', value: 'new', atMs: 7, refreshing: false, problem: null })
})

test('a failed refresh keeps what was there and says that it may be old', async () => {
  const { answers, ask } = later<string>()
  const store = createLoadable(ask, () => 7)
  store.getState().put('kept')
  const again = store.getState().load()
  expect(store.getState().view).toMatchObject({ status: 'ready', value: 'kept', refreshing: true })
  answers[0]?.reject(new Fault('Unreachable', 'no network'))
  await again
  expect(store.getState().view).toEqual({
    status: 'ready',
    value: 'kept',
    atMs: 7,
    refreshing: false,
    problem: { kind: 'fault', code: 'Unreachable' },
  })
})

test.each([true, false])(
  'a question without an answer is no act that may have been done, first asked: %s',
  async (isFirst) => {
    const { answers, ask } = later<string>()
    const store = createLoadable(ask)
    if (!isFirst) store.getState().put('kept')
    const asked = store.getState().load()
    answers[0]?.reject(new Fault('Uncertain', 'no answer'))
    await asked
    expect(store.getState().view).toMatchObject({ problem: { kind: 'fault', code: 'Unreachable' } })
  },
)

test('what was forgotten does not come back with a late answer', async () => {
  const { answers, ask } = later<string>()
  const store = createLoadable(ask)
  const asked = store.getState().load()
  store.getState().forget()
  answers[0]?.resolve(done('secret'))
  await asked
  expect(store.getState().view).toEqual({ status: 'loading', step: null })
})

test('two pages that need the same thing ask for it once', () => {
  const { answers, ask } = later<string>()
  const store = createLoadable(ask)
  store.getState().ensure()
  store.getState().ensure()
  expect(answers).toHaveLength(1)
})

test('a refusal is shown as one', async () => {
  const store = createLoadable(() =>
    Promise.resolve<Outcome<string>>({ kind: 'refused', refusal: { kind: 'NotReady' } }),
  )
  await store.getState().load()
  expect(store.getState().view).toEqual({
    status: 'failed',
    problem: { kind: 'refused', refusal: { kind: 'NotReady' } },
  })
})

test('a second press of a button sends nothing twice', async () => {
  const { answers, ask } = later<string>()
  const store = createTask<void, string>(ask, () => 7)
  const first = store.getState().run()
  void store.getState().run()
  expect(answers).toHaveLength(1)
  answers[0]?.resolve(done('sent'))
  await first
  expect(store.getState().task).toEqual({ status: 'done', value: 'sent', atMs: 7 })
})

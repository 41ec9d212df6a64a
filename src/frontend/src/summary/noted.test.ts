import type { Refusal } from '@medguard/client'
import { expect, test } from 'vitest'
import { noted } from './noted.ts'

test('nothing is handed out that the log has not heard of', async () => {
  const taken = { as: 'text', content: 'all of it', count: 2 } as const
  const refusal = { kind: 'LogUnavailable' } as Refusal
  expect(await noted({ noteExport: async () => ({ kind: 'refused', refusal }) }, 'g', taken)).toEqual({
    kind: 'refused',
    refusal,
  })
  let heard: { sha256: Uint8Array; count: number } | null = null
  const noteExport = async (_: string | null, told: { sha256: Uint8Array; count: number }) => {
    heard = told
    return { kind: 'done' as const, value: null }
  }
  expect(await noted({ noteExport }, 'g', taken)).toEqual({ kind: 'done', value: taken })
  expect(heard).toMatchObject({ count: 2 })
})

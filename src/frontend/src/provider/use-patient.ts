import { useMemo } from 'react'
import { useStore } from 'zustand'
import { summaryOf } from '../summary/summary.ts'
import type { OpenGrant } from './OpenPatient.tsx'

/** Whose records these are: by their own word first, then that of the resources, then as a record names whom it is about. */
export function usePatient({ records, readings }: Pick<OpenGrant, 'records' | 'readings'>): {
  readonly name: string | null
  readonly birthDate: string | null
} {
  const subject = useStore(records, ({ view }) =>
    view.status === 'ready' ? (view.value.find((record) => record.subject !== null)?.subject ?? null) : null,
  )
  const { person, readings: contents } = useStore(readings, ({ view }) => view)
  const named = useMemo(() => person ?? summaryOf(contents).person, [person, contents])
  return { name: named?.name ?? subject, birthDate: named?.birthDate ?? null }
}

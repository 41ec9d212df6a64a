import type { Category, RecordSummary, Share } from '@medguard/client'
import { useCallback, useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { useServices } from '../app/context.ts'
import { createLoadable, type LoadableStore } from '../app/loadable.ts'
import type { Problem } from '../app/problem.ts'
import type { Sendable } from '../app/routes.ts'
import type { TaskStore } from '../app/task.ts'
import { unreachable } from '../app/unreachable.ts'
import type { AccessGuard } from './access-guard.ts'
import { Banner } from './Banner.tsx'
import { PriorResults } from './PriorResults.tsx'
import { createReadings, firstOf, type ReadingsStore } from '../summary/readings.ts'
import { SharedList, SharedRecord } from './SharedRecords.tsx'
import { BlankSheet } from './Taking.tsx'
import { AddToPatient, CorrectOwn } from './Writing.tsx'
import { mayRead } from './standing.ts'
import { useSigns } from './use-signs.ts'

/** What of a patient is on the screen. */
export type PatientView =
  | { readonly name: 'all'; readonly show: readonly Category[] }
  | { readonly name: 'record'; readonly recordId: string }
  | { readonly name: 'results' }
  /** Null: which kind. */
  | { readonly name: 'add'; readonly kind: Sendable | null }
  | { readonly name: 'correct'; readonly recordId: string }

/** What the views of one patient share. Made anew when access opens, and forgotten when it does not hold any more. */
export interface OpenGrant {
  readonly share: Share
  readonly records: LoadableStore<readonly RecordSummary[]>
  readonly readings: ReadingsStore
  /** Refusals about this patient, which may mean that the access is over. */
  readonly onProblem: (problem: Problem) => void
}

export function OpenPatient({ guard, share, view }: { guard: AccessGuard; share: Share; view: PatientView }) {
  const { client, writing } = useServices()
  const { grantId } = share
  const { forms, files } = writing.to(grantId, useSigns())
  const isReader = mayRead(share)
  const [records] = useState(() =>
    createLoadable<readonly RecordSummary[]>((progress) => client.list({ of: 'grant', grantId }, undefined, progress)),
  )
  const [readings] = useState(() => createReadings(client))
  const onProblem = useCallback(
    (problem: Problem) => {
      if (problem.kind !== 'refused') return
      const { refusal } = problem
      if (refusal.kind === 'ConsentEnded') guard.end(refusal.endNs)
      if (refusal.kind === 'Paused') guard.hold('paused')
      if (refusal.kind === 'Unverified') guard.hold('unverified')
      if (refusal.kind === 'NotPermitted') guard.hold('closed')
    },
    [guard],
  )
  useEffect(() => {
    const read = () => {
      const { view: listed } = records.getState()
      if (listed.status === 'ready' && !listed.refreshing) {
        readings.getState().keep(listed.value)
        void readings.getState().open(firstOf(listed.value))
      }
      if (listed.status === 'failed') onProblem(listed.problem)
    }
    const stopListing = records.subscribe(read)
    const stopReading = readings.subscribe(({ view: { problem } }) => {
      if (problem !== null) onProblem(problem)
    })
    const hear = <A,>(sending: TaskStore<A, RecordSummary>) =>
      sending.subscribe(({ task }) => {
        if (task.status === 'failed') onProblem(task.problem)
        const { view: listed, put } = records.getState()
        // Confirmed, so it joins the list that was checked, in the place of the version before it.
        if (task.status === 'done' && listed.status === 'ready')
          put([...listed.value.filter(({ recordId }) => recordId !== task.value.recordId), task.value])
      })
    const stopForms = hear(forms.sending)
    const stopFiles = hear(files.sending)
    if (isReader) records.getState().ensure()
    return () => {
      stopListing()
      stopReading()
      stopForms()
      stopFiles()
      records.getState().forget()
      readings.getState().forget()
    }
  }, [records, readings, forms, files, isReader, onProblem])
  const open: OpenGrant = { share, records, readings, onProblem }
  return (
    <>
      <Banner {...open} />
      <View open={open} view={view} />
      <BlankSheet />
    </>
  )
}

function View({ open, view }: { open: OpenGrant; view: PatientView }) {
  const record = useStore(open.records, (state) => {
    if ((view.name !== 'record' && view.name !== 'correct') || state.view.status !== 'ready') return null
    return state.view.value.find(({ recordId }) => recordId === view.recordId) ?? null
  })
  switch (view.name) {
    case 'all':
      return <SharedList key="all" open={open} show={view.show} isMissing={false} />
    case 'record':
      return record === null ? (
        <SharedList key="missing" open={open} show={[]} isMissing />
      ) : (
        <SharedRecord key={`${record.recordId} ${record.version}`} record={record} open={open} />
      )
    case 'add':
      return <AddToPatient key="add" open={open} kind={view.kind} />
    case 'correct':
      return <Correction key={`correct ${view.recordId}`} open={open} record={record} />
    case 'results':
      return <PriorResults key="results" open={open} />
    default:
      return unreachable(view)
  }
}

/** The version that is corrected stays the one that was opened, also when the list moves on to the new one. */
function Correction({ open, record }: { open: OpenGrant; record: RecordSummary | null }) {
  const [first, setFirst] = useState(record)
  if (first === null && record !== null) setFirst(record)
  if (first === null) return <SharedList open={open} show={[]} isMissing />
  return <CorrectOwn record={first} open={open} />
}

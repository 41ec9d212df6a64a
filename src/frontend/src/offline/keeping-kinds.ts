import {
  type Category,
  KEPT_RECORD_BYTES_MAX,
  type KeptOnDevice,
  type MedGuardClient,
  type RecordSummary,
} from '@medguard/client'
import { createStore } from 'zustand/vanilla'
import { createLoadable, type LoadableStore, settle } from '../app/loadable.ts'
import { isTampering, type Problem } from '../app/problem.ts'
import { newestFirst } from '../records/record-list.ts'

/** How far the keeping of whole kinds is. `stopped`: so many are missing, and the next list tries again. */
export type Filling =
  | { readonly status: 'idle' }
  | { readonly status: 'working'; readonly done: number; readonly total: number }
  | { readonly status: 'stopped'; readonly left: number; readonly problem: Problem }

type Client = Pick<MedGuardClient, 'keep' | 'kept' | 'keptKinds' | 'keepKind'>

export const isKeepable = (record: RecordSummary): boolean =>
  record.vault.of === 'me' && record.isDamaged !== true && record.sizeBytes <= KEPT_RECORD_BYTES_MAX

/** Keeps whole kinds of records on this device: those that are there, newest first, and new ones as lists bring them. One at a time: each is an opening in the log. */
export function createKindKeeping(client: Client, kept: LoadableStore<readonly KeptOnDevice[]>) {
  const kinds: LoadableStore<readonly Category[]> = createLoadable(() => client.keptKinds())
  const filling = createStore<Filling>()(() => ({ status: 'idle' }))
  let latest: readonly RecordSummary[] = []
  let running: Promise<void> | null = null
  let isAskedAgain = false
  let isStopping = false

  const missing = async (): Promise<RecordSummary[]> => {
    const wanted = await client.keptKinds()
    if (wanted.kind === 'refused' || wanted.value.length === 0) return []
    const here = await client.kept()
    if (here.kind === 'refused') return []
    const versions = new Map(here.value.map(({ recordId, version }) => [recordId, version]))
    return newestFirst(latest).filter(
      (one) =>
        wanted.value.some((category) => category === one.category) &&
        isKeepable(one) &&
        versions.get(one.recordId) !== one.version,
    )
  }
  const fillOnce = async (): Promise<void> => {
    const found = await settle(async () => ({ kind: 'done', value: await missing() }))
    if (found.kind === 'failed') return // locked meanwhile, or no account yet: the next list asks again
    const total = found.value.length
    for (const [done, record] of found.value.entries()) {
      if (isStopping) break
      filling.setState({ status: 'working', done, total }, true)
      const answer = await settle(() => client.keep(record))
      if (answer.kind === 'failed' && !isOfOne(answer.problem)) {
        filling.setState({ status: 'stopped', left: total - done, problem: answer.problem }, true)
        if (done > 0) await kept.getState().load()
        return
      }
    }
    if (total > 0) await kept.getState().load()
    filling.setState({ status: 'idle' }, true)
  }
  /** Keeps what is missing. Asked for meanwhile, it looks once more at the end. */
  const fill = async (): Promise<void> => {
    if (running !== null) {
      isAskedAgain = true
      return running
    }
    const all = async () => {
      do {
        isAskedAgain = false
        await fillOnce()
      } while (isAskedAgain)
    }
    running = all()
    try {
      await running
    } finally {
      running = null
    }
  }
  return {
    kinds,
    filling,
    fill,
    /** A list of all one's own records. */
    async listed(records: readonly RecordSummary[]) {
      latest = records
      await fill()
    },
    async keepKind(category: Category, isKept: boolean) {
      // What is being kept at this moment is there before it is removed.
      isStopping = true
      isAskedAgain = false
      await running
      isStopping = false
      const outcome = await client.keepKind(category, isKept)
      await Promise.all([kinds.getState().load(), kept.getState().load()])
      if (outcome.kind === 'done') void fill()
      return outcome
    },
  }
}
export type KindKeeping = ReturnType<typeof createKindKeeping>

/** Whether the next one may be kept all the same: this one is gone, or fails its checks, which its own page says. */
const isOfOne = (problem: Problem): boolean =>
  isTampering(problem) ||
  (problem.kind === 'refused' && ['NotPermitted', 'TooLarge', 'BadInput'].includes(problem.refusal.kind))

/** No room on this device, or in what may be kept on it. */
export const isNoRoom = (problem: Problem): boolean => problem.kind === 'refused' && problem.refusal.kind === 'Full'

import {
  type MedGuardClient,
  type NoticeChoices,
  type Notices,
  type Profile,
  isProfile,
  type RecordSummary,
  type Share,
} from '@medguard/client'
import type { StoreApi } from 'zustand/vanilla'
import type { AlertsView } from '../alerts/alert-store.ts'
import type { Live } from '../app/changes-poller.ts'
import { createLoadable, type LoadableStore, settle } from '../app/loadable.ts'
import { t } from '../words/language.ts'
import { asking, toldOf } from './told.ts'

/** After the first screen: nobody waits for it. */
const FIRST_MS = 1_500
/** Whether the log has grown is one question, and what another canister wrote there no counter tells. */
const EVERY_MS = 30_000
/** After something changed at the other end: the log hears of it by a messenger, which may take its time. */
const SOON_MS = [1_000, 3_000, 6_000] as const

const NOTHING_CHOSEN: NoticeChoices = { version: 0, profile: {}, hasContacts: false }

export interface NoticeParts {
  readonly client: Pick<MedGuardClient, 'notices' | 'hasNotices' | 'keepNotices'>
  /** Share code of whose record it is. */
  readonly home: string
  readonly alerts: StoreApi<AlertsView>
  readonly live: StoreApi<Live>
  readonly records: LoadableStore<readonly RecordSummary[]>
  readonly shares: LoadableStore<readonly Share[]>
  readonly profile: LoadableStore<Profile>
  readonly isVisible: () => boolean
  readonly setTimer: (work: () => void, ms: number) => () => void
  readonly say: (text: string) => void
}

/** What somebody is told of one record, kept up to date while the page is in sight, and the same in every tab of this browser. */
export function createNoticeStore(parts: NoticeParts) {
  const { client, home, alerts, live, records, shares, profile, isVisible, setTimer, say } = parts
  const report: LoadableStore<Notices> = createLoadable(() => client.notices(true))
  const shown = (): Notices | null => {
    const { view } = report.getState()
    return view.status === 'ready' ? view.value : null
  }
  let channel: BroadcastChannel | null = null

  const keep = async (change: { read?: readonly string[]; choices?: NoticeChoices }): Promise<void> => {
    const answer = await settle(() => client.keepNotices(change))
    if (answer.kind !== 'done') return // shown as unread still, which is what it is
    report.getState().put(answer.value)
    channel?.postMessage(home)
  }

  /** What the profile says is known on this device from then on; a profile that another device changed is opened for it, once. */
  const follow = {
    records() {
      const notices = shown()
      const { view } = records.getState()
      if (notices === null || view.status !== 'ready') return
      const stored = view.value.find((record) => isProfile(record) && record.isDamaged !== true)
      const version = notices.choices?.version ?? 0
      if (stored === undefined || stored.version <= version || asked >= stored.version) return
      asked = stored.version
      void profile.getState().load()
    },
    profile() {
      const notices = shown()
      const { view } = profile.getState()
      if (notices === null || view.status !== 'ready' || view.refreshing) return
      const { notifications, quietHours, units, emergencyContacts = [] } = view.value
      const chosen = {
        profile: {
          ...(notifications && { notifications }),
          ...(quietHours && { quietHours }),
          ...(units && { units }),
        },
        hasContacts: emergencyContacts.length > 0,
      }
      const { version: before, ...known } = notices.choices ?? NOTHING_CHOSEN
      const isSame =
        JSON.stringify([known.profile, known.hasContacts]) === JSON.stringify([chosen.profile, chosen.hasContacts])
      const version = Math.max(asked, isSame ? 0 : before + 1)
      if (isSame && version <= before) return
      void keep({ choices: { version, ...chosen } })
    },
  }
  /** Version of the profile that was opened for its choices. */
  let asked = 0

  let spoken: ReadonlySet<string> | null = null
  const speak = () => {
    const notices = shown()
    if (notices === null) return
    const { view } = shares.getState()
    const told = toldOf(notices, view.status === 'ready' ? view.value : null, Date.now(), alerts.getState())
    const before = spoken
    spoken = new Set([...(before ?? []), ...told.map(({ id }) => id)])
    const count = before === null ? 0 : asking(told, notices, Date.now()).filter(({ id }) => !before.has(id)).length
    if (count > 0) say(t('notices.came', { count }))
  }

  const look = async (): Promise<void> => {
    if (!isVisible()) return
    if (shown() === null) await report.getState().load()
    else {
      const grown = await settle(() => client.hasNotices())
      if (grown.kind === 'done' && grown.value) await report.getState().load()
    }
  }

  return {
    report,
    read: (ids: readonly string[]) => keep({ read: ids }),
    /** @returns what ends it. */
    start(): () => void {
      let isOver = false
      let cancel = () => {}
      let isLooking = false
      /** When to look again before the usual time. */
      let soon: number[] = []
      const tabs = new BroadcastChannel('medguard-notices')
      channel = tabs
      const next = (ms: number) => {
        cancel()
        if (!isOver) cancel = setTimer(() => void turn(), ms)
      }
      const turn = async () => {
        if (isLooking) return next(SOON_MS[0])
        isLooking = true
        shares.getState().ensure()
        await look()
        isLooking = false
        next(soon.shift() ?? EVERY_MS)
      }
      tabs.addEventListener('message', (event: MessageEvent<unknown>) => {
        if (event.data !== home || shown() === null) return
        const takeOver = async () => {
          const answer = await settle(() => client.notices(false))
          if (answer.kind === 'done' && !isOver) report.getState().put(answer.value)
        }
        void takeOver()
      })
      const ends = [
        live.subscribe((now, before) => {
          if (now.changes === before.changes) return
          soon = SOON_MS.slice(1)
          next(SOON_MS[0])
        }),
        report.subscribe(() => {
          follow.records()
          follow.profile()
          speak()
        }),
        alerts.subscribe(speak),
        records.subscribe(() => follow.records()),
        profile.subscribe(() => follow.profile()),
      ]
      next(FIRST_MS)
      return () => {
        isOver = true
        cancel()
        tabs.close()
        if (channel === tabs) channel = null
        for (const end of ends) end()
      }
    },
  }
}
export type NoticeStore = ReturnType<typeof createNoticeStore>

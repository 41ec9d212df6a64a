import type {
  AccountInfo,
  DeviceInfo,
  DoubtedEntry,
  HostingReport,
  LogReport,
  MedGuardClient,
  NamedPerson,
  Organisation,
  PeopleInfo,
  Profile,
  RecordSummary,
  Share,
  ShareChange,
  Tag,
  WardInfo,
} from '@medguard/client'
import { createStore } from 'zustand/vanilla'
import { createLogStore } from '../access-log/log-store.ts'
import { createAlertStore } from '../alerts/alert-store.ts'
import { createOwnFormFlow } from '../forms/form-store.ts'
import { createLinkStores } from '../links/links-store.ts'
import { createNoticeStore } from '../notices/notice-store.ts'
import { createMembershipStores } from '../organisations/organisation-stores.ts'
import { createAskingStores } from '../provider/asking-stores.ts'
import { createWritingStores } from '../provider/writing-stores.ts'
import { createAddFlow } from '../records/add-store.ts'
import { createOwnNews } from '../records/own-news.ts'
import { createDeviceStores } from '../offline/device-stores.ts'
import { createRequestStores } from '../requests/request-stores.ts'
import { createRulesStores } from '../rules/rules-stores.ts'
import { createEnrolling } from '../sign-in/enrolling.ts'
import { createSure } from '../sharing/doubt.ts'
import { createRecipients } from '../sharing/recipients.ts'
import { createShareFlow } from '../sharing/share-flow-store.ts'
import { createSharesStore, createStopStore } from '../sharing/shares-store.ts'
import { languageStore, t } from '../words/language.ts'
import type { Language } from '../words/languages.ts'
import { createChangesPoller } from './changes-poller.ts'
import { atText, msOf } from './dates.ts'
import { createLoadable, type LoadableStore } from './loadable.ts'
import { createTask } from './task.ts'

const SAID = { approve: 'requests.saidApprove', decline: 'requests.saidDecline', block: 'requests.saidBlock' } as const

/** Everything one signed-in person's page holds. Made at sign-in, dropped at lock and sign-out; nothing of it is stored. */
export function createServices(client: MedGuardClient, ward: WardInfo | null = null) {
  /** Told to screen readers, in the language of then; the newest wins. */
  const spoken = createStore<{ text: string; language: Language }>()(() => ({ text: '', language: 'en' }))
  const say = (text: string) => spoken.setState({ text, language: languageStore.getState().language })
  const isVisible = () => document.visibilityState === 'visible'
  const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

  const account: LoadableStore<AccountInfo | null> = createLoadable(() => client.account())
  const records: LoadableStore<readonly RecordSummary[]> = createLoadable((progress) =>
    client.list({ of: 'me' }, undefined, progress),
  )
  const shares: LoadableStore<readonly Share[]> = createSharesStore(client)
  /** Which records each share by record holds, as far as this client has seen; null before it looked. */
  const inShares: LoadableStore<Readonly<Record<string, readonly string[]>> | null> = createLoadable(() =>
    client.recordsInShares(),
  )
  const received: LoadableStore<readonly Share[]> = createLoadable(() => client.sharesReceived())
  const around: LoadableStore<PeopleInfo> = createLoadable(() => client.people())
  /** What somebody told of themselves; empty where they told nothing. */
  const profile: LoadableStore<Profile> = createLoadable(async () => {
    const outcome = await client.profile()
    return outcome.kind === 'refused' ? outcome : { kind: 'done', value: outcome.value ?? {} }
  })
  /** What the reader calls others. */
  const names: LoadableStore<readonly NamedPerson[]> = createLoadable(() => client.names())
  const tags: LoadableStore<readonly Tag[]> = createLoadable(() => client.tags())
  /** Entries of the log that the reader did not recognise. */
  const doubts: LoadableStore<readonly DoubtedEntry[]> = createLoadable(() => client.doubts())
  /** Those that post readings by themselves. Asking opens their names, which is in the log. */
  const devices: LoadableStore<readonly DeviceInfo[]> = createLoadable(() => client.devices())
  const hosting: LoadableStore<HostingReport> = createLoadable(() => client.hosting())
  const log: LoadableStore<LogReport> = createLogStore(client, 'patient')
  const activity: LoadableStore<LogReport> = createLogStore(client, 'actor')
  /** What was done to the canisters themselves, for everybody to read. */
  const system: LoadableStore<LogReport> = createLogStore(client, 'system')

  const directory: LoadableStore<readonly Organisation[]> = createLoadable(() => client.organisations())
  const recipients = createRecipients(client)
  const rules = createRulesStores(client, () => void shares.getState().load())
  const requests = createRequestStores(client, (answered) => {
    if (answered !== null) say(t(SAID[answered.kind]))
    if (answered?.kind === 'block') void rules.laid.getState().load()
    void shares.getState().load()
  })

  const asking = createAskingStores(client, () => say(t('ask.said')))

  const organisations = createMembershipStores(client)

  const device = createDeviceStores(client, (sent) => {
    say(t('device.saidSent', { count: sent.length }))
    const { view, put } = records.getState()
    if (view.status !== 'ready') return
    const before = view.value.filter((one) => !sent.some(({ recordId }) => recordId === one.recordId))
    put([...before, ...sent])
  })

  // Quietly: it shows nothing, holds nothing up, and what was not done is done the next time. Locking ends it.
  const looked = () => inShares.getState().load()
  const keepUp = () => void client.keepUp().then(looked, () => {})
  // After the first list, so that nobody waits for it.
  const stopWaiting = records.subscribe(({ view }) => {
    if (view.status !== 'ready') return
    stopWaiting()
    keepUp()
  })
  records.subscribe(({ view }, before) => {
    if (ward !== null || view.status !== 'ready' || view.refreshing) return
    if (before.view.status === 'ready' && before.view.value === view.value) return
    void device.follow(view.value).catch(() => {}) // the next time the connection is back, or the list is
  })

  const poller = createChangesPoller({
    changes: () => client.changes(),
    isVisible,
    now: Date.now,
    setTimer,
  })

  // Lists of shares and of people follow whatever changed at the other end, also while another page is on the screen.
  poller.live.subscribe((live, before) => {
    if (live.failures === 0 && before.failures > 0 && ward === null) void device.send()
    if (live.changes === before.changes) return
    for (const list of [shares, received, around, requests.received, asking.sent, organisations.memberships])
      if (list.getState().view.status === 'ready') void list.getState().load()
    client.fillShares().then(looked, () => {}) // what somebody else added joins its shares; else at the next change
  })

  const onPutOff = () => {
    say(t('device.waits'))
    void device.waiting.getState().load()
  }
  const home = ward?.patient ?? client.principal
  const news = createOwnNews({ client, records, isVisible, setTimer })
  const alerts = createAlertStore({
    client,
    records,
    devices,
    news,
    onSaid: () => say(t('alerts.said')),
  })
  const notices = createNoticeStore({
    client,
    alerts: alerts.view,
    home,
    live: poller.live,
    records,
    shares,
    profile,
    isVisible,
    setTimer,
    say,
  })

  return {
    client,
    ward,
    inbox: createLoadable((progress) => client.inbox(progress)),
    /** Share code of whose record it is. */
    home,
    news,
    alerts,
    notices,
    device,
    spoken,
    say,
    account,
    records,
    shares,
    inShares,
    received,
    around,
    directory,
    recipients,
    rules,
    requests,
    asking,
    writing: createWritingStores(client, ({ title }) => say(t('portal.said', { title }))),
    profile,
    names,
    tags,
    doubts,
    devices,
    hosting,
    log,
    activity,
    system,
    ...createEnrolling(client, (enrolled) => {
      account.getState().put(enrolled)
      poller.start() // refused until now
    }),
    adding: createAddFlow(client, {
      onAdded: (record) => {
        say(t('add.said', { title: record.title }))
        // Confirmed, so it joins the list that was checked: listing anew would write one entry per kind into the log.
        const { view, put } = records.getState()
        if (view.status === 'ready') put([...view.value, record])
      },
      onPutOff,
    }),
    guided: createOwnFormFlow(client, {
      saved(record, before) {
        say(t('add.said', { title: record.title }))
        const { view, put } = records.getState()
        if (view.status === 'ready') put([...view.value.filter((one) => one.recordId !== before?.recordId), record])
      },
      putOff: onPutOff,
    }),
    sharing: createShareFlow(client, () => {
      say(t('sharing.shared'))
      void shares.getState().load()
      void looked()
    }),
    stops: createStopStore({
      client,
      wait,
      onStopped: (_, endNs) => {
        say(t('sharing.stoppedAt', { at: atText(msOf(endNs), Date.now()) }))
        void shares.getState().load()
        keepUp()
      },
    }),
    links: createLinkStores(client, {
      made: () => say(t('links.saidMade')),
      ended: () => say(t('links.saidStopped')),
    }),
    changing: createTask<{ shareId: string; change: ShareChange }, Share>(async ({ shareId, change }, progress) => {
      const outcome = await client.changeShare(shareId, change, progress)
      if (outcome.kind === 'done') say(t('changeShare.said'))
      await shares.getState().load()
      keepUp()
      return outcome
    }),
    finishing: createTask<void, readonly Share[]>(async () => {
      const outcome = await client.finishShares()
      await shares.getState().load()
      return outcome
    }),
    stoppingRecovery: createTask<void, null>(async () => {
      const outcome = await client.vetoRecovery()
      await around.getState().load()
      return outcome
    }),
    stoppingErasure: createTask<void, null>(async () => {
      const outcome = await client.stopErasure()
      await around.getState().load()
      return outcome
    }),
    organisations,
    council: createLoadable(() => client.council()),
    sure: createSure(),
    poller,
  }
}
export type Services = ReturnType<typeof createServices>

/** One's own, and from them those of each record in whose patient's place one acts: made once, so that what was being written there is there again. */
export function createOwnServices(client: MedGuardClient) {
  const wards = new Map<string, Services>()
  return {
    ...createServices(client),
    actingFor(ward: WardInfo): Services {
      const known = wards.get(ward.patientId) ?? createServices(client.actingFor(ward.patientId), ward)
      wards.set(ward.patientId, known)
      return known
    },
  }
}
export type OwnServices = ReturnType<typeof createOwnServices>

export function setTimer(work: () => void, ms: number): () => void {
  const timer = setTimeout(work, ms)
  return () => clearTimeout(timer)
}

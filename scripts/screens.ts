import { createClient, developmentNetwork, type MedGuardClient, type NewShare, NS_PER_DAY } from '@medguard/client'
import { Ed25519KeyIdentity } from '@dfinity/identity'
import { developmentIdentity } from '@medguard/localnet'

import { must } from './outcome.ts'
import type { Started } from './start.ts'

// What is taken of whom for `npm run screenshots`, and what has to have happened before it.

/** What somebody who has nothing yet, or whose network is gone, sees of it is taken too. */
export const MINE = {
  home: '#/',
  records: '#/records',
  trends: '#/trends',
  report: '#/report',
  sharing: '#/sharing',
  'sharing-links': '#/sharing?tab=links',
  'sharing-past': '#/sharing?tab=past',
  'link-new': '#/links/new',
  'link-open': '#/link',
  share: '#/share',
  requests: '#/requests',
  rules: '#/rules',
  log: '#/log',
  inbox: '#/inbox',
  notifications: '#/notices',
  vault: '#/vault',
  people: '#/people',
  profile: '#/profile',
  recovery: '#/recovery',
  device: '#/device',
  devices: '#/devices',
  alerts: '#/devices/alerts',
  privacy: '#/privacy',
}
const FORMS = ['allergy', 'condition', 'medicine', 'vaccine', 'lab', 'vital', 'visit']
const ANYBODYS = {
  add: '#/add',
  'add-note': '#/add?as=note',
  forms: '#/forms',
  ...Object.fromEntries(FORMS.map((kind) => [`form-${kind}`, `#/forms/${kind}`])),
  import: '#/import',
  paper: '#/paper',
  'device-new': '#/devices/new',
  'readings-file': '#/devices/file',
  'device-bluetooth': '#/devices/bluetooth',
  'notification-choices': '#/preferences',
  settings: '#/settings',
  help: '#/help',
  more: '#/more',
  lost: '#/lost',
  'nothing-here': '#/nowhere',
}
export const PROVIDERS = {
  patients: '#/provider',
  'patients-past': '#/provider?tab=past',
  'patients-asked': '#/provider?tab=asked',
  ask: '#/provider/ask',
  board: '#/provider/board',
  activity: '#/provider/activity',
  organisations: '#/provider/organisations',
  council: '#/provider/council',
}
/** Somebody else in each way to look: nobody is new twice. */
export const NEWCOMER = 'newcomer'

/** From an address, or from where the one before led: what is pressed, one after the other, by what only a style sheet calls it, since it has another name in each language. */
export interface Followed {
  readonly from?: string
  /** What is written into which field before it. */
  readonly fill?: readonly (readonly [field: string, text: string])[]
  readonly press: readonly string[]
  readonly screen: string
}

export interface Looked {
  readonly who: string
  readonly addresses: Readonly<Record<string, string>>
  readonly follow?: readonly Followed[]
  /** Once the network is gone. */
  readonly failing?: Readonly<Record<string, string>>
}

/** Two shares of Johanna's with Dr Solberg: one with which something may be added, and one that is over; and links of hers. */
export interface Furnished {
  readonly writingId: string
  readonly endedId: string
  readonly links: Readonly<Record<'summary' | 'withPasscode' | 'over', string>>
}

const NAME = [['main form input >> nth=0', 'Dr Lind, Kirkenes']] as const
const WRONG = [...NAME, ['main form input >> nth=1', '000000']] as const
/** Until there is an answer, whichever it is. */
const OPEN_LINK = ['main form .mantine-Button-root[type=submit]', '[role=alert], .mg-content-head']

export const screensOf = ({ writingId, endedId, links }: Furnished): readonly Looked[] => [
  {
    who: 'johanna',
    addresses: {
      ...MINE,
      ...ANYBODYS,
      'share-one': `#/sharing/${writingId}`,
      'share-change': `#/sharing/${writingId}/change`,
    },
    follow: [
      { from: '#/records?show=labs', press: ['main a[href^="#/records/"]'], screen: 'record' },
      { from: '#/records?show=medicines', press: ['main a[href^="#/records/"]'], screen: 'record-medicines' },
      { from: '#/records', press: ['main .mg-chip-icon[aria-pressed]', '.mg-picking-all'], screen: 'picking' },
      { press: ['.mg-picking-line .mantine-Button-root:nth-child(2)'], screen: 'picking-export' },
      {
        press: ['dialog .mantine-Button-root:first-child', '.mg-picking-line .mantine-Button-root:nth-child(3)'],
        screen: 'tags',
      },
      {
        from: '#/sharing',
        press: ['main .mg-list .mantine-Button-root'],
        screen: 'stop-sharing',
      },
      { from: '#/sharing?tab=links', press: ['main .mg-list .mantine-Button-root'], screen: 'link-stop' },
      {
        from: '#/links/new',
        press: ['main .mg-choice:has(input[name=what]) >> nth=1'],
        screen: 'link-new-summary',
      },
      { press: ['main form .mantine-Button-root[type=submit]', '.mg-link-made, [role=alert]'], screen: 'link-made' },
      { from: `#${links.withPasscode}`, press: [], screen: 'link-given' },
      { fill: WRONG, press: ['main form .mantine-Button-root[type=submit]', '[role=alert]'], screen: 'link-passcode' },
      { from: `#${links.over}`, fill: NAME, press: OPEN_LINK, screen: 'link-over' },
      { from: `#${links.summary}`, fill: NAME, press: OPEN_LINK, screen: 'link-opened' },
    ],
    failing: MINE,
  },
  {
    who: NEWCOMER,
    addresses: { 'first-run': '#/' },
  },
  {
    who: 'dr-solberg',
    addresses: {
      ...PROVIDERS,
      patient: `#/provider/patients/${writingId}`,
      'patient-ended': `#/provider/patients/${endedId}`,
      'patient-add': `#/provider/patients/${writingId}/add`,
      'patient-add-file': `#/provider/patients/${writingId}/add/file`,
      'patient-add-lab': `#/provider/patients/${writingId}/add/lab`,
      'patient-results': `#/provider/patients/${writingId}/results`,
      'provider-settings': '#/provider/settings',
      'provider-device': '#/provider/device',
      'provider-more': '#/provider/more',
    },
    follow: [
      {
        from: `#/provider/patients/${writingId}/results`,
        press: ['main .mg-chip:nth-child(2)'],
        screen: 'patient-result',
      },
      {
        from: `#/provider/patients/${writingId}`,
        press: ['main .mg-list a[href*="/patients/"]:has-text("Medicines")'],
        screen: 'patient-record',
      },
      { press: ['main .mg-pad .mg-row .mantine-Button-root:last-child'], screen: 'patient-record-taken' },
      {
        from: `#/provider/patients/${writingId}/add/lab`,
        press: ['main form .mantine-Button-root[type=submit]'],
        screen: 'patient-add-mistakes',
      },
      { from: '#/provider/ask', press: ['main form .mantine-Button-root[type=submit]'], screen: 'ask-mistakes' },
    ],
    failing: {
      ...PROVIDERS,
      patient: `#/provider/patients/${writingId}`,
      'patient-add-lab': `#/provider/patients/${writingId}/add/lab`,
    },
  },
  {
    who: 'admin-fjordvik',
    addresses: { organisations: '#/provider/organisations' },
    follow: [
      {
        from: '#/provider/organisations',
        press: ['main a[href^="#/provider/organisations/"]'],
        screen: 'organisation',
      },
      { press: ['main a[href$="tab=members"]'], screen: 'organisation-members' },
      { press: ['main a[href$="tab=invitations"]'], screen: 'organisation-invitations' },
      { press: ['main a[href$="tab=log"]'], screen: 'organisation-log' },
    ],
  },
  { who: 'council-amara', addresses: { council: '#/provider/council' } },
]

/** What the demo does not have: shares that let write, that end soon, and that are over; a request; somebody who was let go. */
export async function furnish(started: Started): Promise<Furnished> {
  const as = (name: string): MedGuardClient => {
    const { seed } = developmentIdentity({ origin: `http://${started.canisters.frontend}.localhost`, name })
    return createClient({ identity: Ed25519KeyIdentity.generate(seed), network: developmentNetwork(started.network) })
  }
  const [patient, doctor] = [as('johanna'), as('dr-solberg')]
  const share = async (terms: Pick<NewShare, 'scope' | 'rights'>, days: bigint) => {
    const startNs = BigInt(Date.now()) * 1_000_000n
    const period = { startNs, endNs: startNs + days * NS_PER_DAY }
    return must(await patient.share({ ...terms, ...period, grantee: doctor.principal, purpose: 'TREAT' })).grantId
  }
  const writingId = await share(
    { scope: { categories: ['summary', 'labs', 'medicines'] }, rights: ['list', 'open', 'write'] },
    2n,
  )
  const endedId = await share({ scope: { categories: ['imaging'] }, rights: ['list', 'open'] }, 7n)
  must(await patient.revoke(endedId))
  const periods = { periodNs: 7n * NS_PER_DAY, expiresNs: BigInt(Date.now()) * 1_000_000n + 14n * NS_PER_DAY }
  const wanted = { categories: ['imaging', 'vitals'], rights: ['list', 'open'], purpose: 'TREAT' } as const
  must(await doctor.requestAccess({ patient: patient.principal, ...wanted, ...periods }))
  const link = async (passcode: string | null) => {
    const content = { summaryOf: ['summary', 'labs', 'medicines'] } as const
    return must(await patient.makeLink({ label: 'For the trip', content, endNs: periods.expiresNs, passcode }))
  }
  const over = await link(null)
  must(await patient.endLink(over.linkId))
  const [summary, withPasscode] = [await link(null), await link('428613')]
  return {
    writingId,
    endedId,
    links: { summary: summary.link, withPasscode: withPasscode.link, over: over.link },
  }
}

import type { Furnished } from './furnish.ts'

// What is taken of whom for `npm run screenshots`.

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
  /** A file of so many bytes that is chosen before it; it stops half way, for good. */
  readonly stuckFile?: number
  /** What is written into which field before it. */
  readonly fill?: readonly (readonly [field: string, text: string])[]
  readonly press: readonly string[]
  /** What is there once it has been answered. */
  readonly until?: string
  readonly screen: string
}

/** What cannot be reached from the first moment on: anything, or the access log alone. */
export type Without = 'network' | 'log'

export interface Looked {
  readonly who: string
  readonly without?: Without
  readonly addresses: Readonly<Record<string, string>>
  readonly follow?: readonly Followed[]
  /** Once the network is gone. */
  readonly failing?: Readonly<Record<string, string>>
}

const NAME = [['main form input >> nth=0', 'Dr Lind, Kirkenes']] as const
const WRONG = [...NAME, ['main form input >> nth=1', '000000']] as const
const SUBMIT = 'main form .mantine-Button-root[type=submit]'
/** Whichever the answer is. */
const OPEN_LINK = { press: [SUBMIT], until: '[role=alert], .mg-content-head' } as const

const NOBODYS = '0'.repeat(32)

export function named(prefix: string, addresses: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(addresses).map(([name, address]) => [`${prefix}-${name}`, address]))
}

export const screensOf = ({ writingId, endedId, links, devices }: Furnished): readonly Looked[] => [
  {
    who: 'johanna',
    addresses: {
      ...MINE,
      ...ANYBODYS,
      'share-one': `#/sharing/${writingId}`,
      'share-change': `#/sharing/${writingId}/change`,
      ...named('unknown', {
        record: `#/records/${NOBODYS}`,
        share: `#/sharing/${NOBODYS}`,
        request: `#/requests/${NOBODYS}`,
        device: `#/devices/${NOBODYS}`,
        correct: `#/records/${NOBODYS}/correct`,
      }),
      'device-one-band': `#/devices/${devices.band}`,
      'device-one-paused': `#/devices/${devices.paused}`,
      'device-one-removed': `#/devices/${devices.removed}`,
      'device-one-silent': `#/devices/${devices.silent}`,
    },
    follow: [
      {
        from: `#/devices/${devices.band}`,
        press: ['.mg-empty-actions .mantine-Button-root'],
        until: 'main figure',
        screen: 'device-readings',
      },
      {
        from: '#/trends',
        press: ['.mg-empty-actions .mantine-Button-root'],
        until: 'main figure',
        screen: 'trends-shown',
      },
      { from: '#/requests', press: ['main .mg-row .mantine-Button-root:nth-child(2)'], screen: 'request' },
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
      { from: `#${links.withPasscode}`, press: [], screen: 'link-given' },
      { fill: WRONG, press: [SUBMIT], until: '[role=alert]', screen: 'link-passcode' },
      { from: `#${links.over}`, fill: NAME, ...OPEN_LINK, screen: 'link-over' },
      { from: `#${links.summary}`, fill: NAME, ...OPEN_LINK, screen: 'link-opened' },
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
      ...named('unknown', {
        patient: `#/provider/patients/${NOBODYS}`,
        'patient-record': `#/provider/patients/${writingId}/${NOBODYS}`,
        organisation: `#/provider/organisations/${NOBODYS}`,
      }),
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
        press: [SUBMIT],
        screen: 'patient-add-mistakes',
      },
      { from: '#/provider/ask', press: [SUBMIT], screen: 'ask-mistakes' },
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
  // Each sign-in takes from what one person may have of the network in an hour: another one for what comes last.
  {
    who: 'viktor',
    addresses: {},
    follow: [
      {
        from: '#/links/new',
        press: ['main .mg-choice:has(input[name=what]) >> nth=1'],
        screen: 'link-new-summary',
      },
      { press: [SUBMIT], until: '.mg-link-made, [role=alert]', screen: 'link-made' },
      // Last: nothing of what this person stores arrives from then on.
      {
        from: '#/add',
        stuckFile: 6_000_000,
        press: ['main input[name=category] >> nth=4', SUBMIT],
        until: '.mg-steps li:nth-child(3)[data-state=now]',
        screen: 'upload',
      },
    ],
  },
  { who: 'viktor', without: 'network', addresses: named('away', MINE) },
  {
    who: 'dr-solberg',
    without: 'network',
    addresses: named('away', { ...PROVIDERS, patient: `#/provider/patients/${writingId}` }),
  },
  {
    who: 'viktor',
    without: 'log',
    addresses: named('logless', {
      home: '#/',
      log: '#/log',
      records: '#/records',
      notifications: '#/notices',
      sharing: '#/sharing',
      devices: '#/devices',
    }),
  },
]

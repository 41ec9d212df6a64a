import { type Category, type LogItem, PROFILE_MEDIA_TYPE, type RecordSummary, type Share } from '@medguard/client'
import { shortCode } from '../app/words.ts'
import { EVENT } from '@medguard/protocol'
import { describe, expect, test } from 'vitest'
import { groupRows, groupText, type LogContext, logRow, summaryText } from './log-words.ts'

const ME = 'aaaaa-bbbbb-me'
const THEM = 'ccccc-ddddd-them'
const item = (event: string, over: Partial<LogItem> = {}): LogItem => ({
  shard: 0,
  leafIndex: 1n,
  seq: 1n,
  timeNs: 1_747_054_800_000_000_000n,
  event,
  actor: THEM,
  objectId: 'r',
  versionOrEpoch: 1,
  category: null,
  purpose: null,
  grantId: null,
  failedOrWithheld: false,
  orgId: null,
  subject: null,
  reason: null,
  details: {},
  ...over,
})
const share = { grantId: 'g', direction: 'given', grantee: THEM, patient: ME, scope: ['labs'] } as unknown as Share
const record = { recordId: 'r', title: 'Blood test' } as unknown as RecordSummary
const context: LogContext = { about: 'mine', me: ME, records: [record], shares: [share], nameOf: shortCode }
const said = (one: LogItem, also: Partial<LogContext> = {}) => {
  const { actor, verb, object, reason } = logRow(one, { ...context, ...also })
  return [`${actor} ${verb}${object === null ? '' : ` ${object}`}`, reason]
}

describe('entries in words', () => {
  test('who, what and why', () => {
    expect(said(item('open', { grantId: 'g', purpose: 'TREAT', category: 'labs' }))).toEqual([
      'ccccc…them opened Blood test',
      'You shared this with them, for treatment',
    ])
    expect(said(item('open', { actor: ME }))).toEqual(['You opened Blood test', 'Your own records'])
    expect(said(item('grant', { actor: ME, objectId: 'g' }))[0]).toBe('You shared Lab results with ccccc…them')
    expect(said(item('refused'))[0]).toBe('ccccc…them tried to open something and was refused')
  })

  test('to whoever acts for the person it does not speak as to the owner', () => {
    const ward = { isWard: true }
    expect(said(item('open', { grantId: 'g' }), ward)[1]).toBe('Shared with them from this record')
    expect(said(item('open', { actor: ME }), ward)[1]).toBe('You act for this person')
    expect(said(item('open'), ward)[1]).toBe('Without a share: the person, or somebody who acts for them')
    expect(said(item('open', { actor: ME }), { ...ward, about: 'activity' })[1]).toBe('Your own records')
    expect(summaryText([item('open')], ME, 1_747_054_800_000, true)).toBe(
      '1 person beside you opened these records in the last 30 days.',
    )
  })

  test('what somebody says of themselves is named in the reader’s language', () => {
    const profile = { ...record, title: 'Profile', mediaType: PROFILE_MEDIA_TYPE }
    expect(said(item('recordAdd', { actor: ME }), { records: [profile] })[0]).toBe(
      'You added what is said about this person',
    )
  })

  test('without the titles at hand the kind is named', () => {
    expect(said(item('open', { category: 'labs' }), { records: null })[0]).toBe('ccccc…them opened Lab results')
  })

  test('what failed does not read as if it had worked', () => {
    expect(said(item('open', { failedOrWithheld: true }))[0]).toContain('without success')
  })

  test.each(Object.keys(EVENT))('%s has words of its own', (event) => {
    expect(said(item(event))[0]).not.toContain('no word for')
  })

  test('an event of a newer version is listed, not dropped', () => {
    expect(said(item('unknown'))[0]).toContain('no word for')
  })
})

describe('groups', () => {
  const minute = 60_000_000_000n
  const open = (at: bigint, over: Partial<LogItem> = {}) =>
    logRow(item('open', { timeNs: at * minute, grantId: 'g', leafIndex: at, ...over }), context)

  test('repeats close in time become one entry that opens', () => {
    expect(groupRows([open(50n), open(45n), open(36n), open(20n)]).map(({ rows }) => rows.length)).toEqual([3, 1])
  })

  test('a group names its objects while they are few, and counts them when they are many', () => {
    const rows = (categories: readonly (Category | 'shared')[]) =>
      groupRows(
        categories.map((category, i) => logRow(item(i % 2 === 0 ? 'listSession' : 'keyDerive', { category }), context)),
      )
    expect(rows(['labs', 'labs', 'vitals']).map(groupText)).toEqual([
      { verb: 'looked through', object: 'Lab results and Measurements' },
    ])
    expect(rows(['labs', 'vitals', 'summary', 'imaging', 'other']).map(groupText)).toEqual([
      { verb: 'looked through', object: '5 kinds of record' },
    ])
    expect(rows(['labs']).map(groupText)).toEqual([{ verb: 'looked at the list of', object: 'Lab results' }])
  })

  test('another person, another share or another act is never hidden in a group', () => {
    const rows = [
      open(50n),
      open(49n, { actor: ME }),
      open(48n, { grantId: 'h' }),
      logRow(item('refused', { timeNs: 47n * minute }), context),
    ]
    expect(groupRows(rows)).toHaveLength(4)
  })
})

test('the summary counts people who opened something, not acts, and not me', () => {
  const now = Number(1_747_054_800_000n)
  const opens = [item('open'), item('open'), item('open', { actor: ME }), item('listSession', { actor: 'x' })]
  expect(summaryText(opens, ME, now)).toBe('1 person opened your records in the last 30 days.')
  expect(summaryText(opens, ME, now + 31 * 86_400_000)).toBe('Nobody but you opened your records in the last 30 days.')
})

import { CATEGORIES, type Category, type RecordSummary } from '@medguard/client'
import { Button, TextInput } from '@mantine/core'
import { IconFilterOff, IconSearch } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { useRouter } from '../app/context.ts'
import { Chips, EmptyState } from '../app/elements.tsx'
import type { Route } from '../app/routes.ts'
import { listText, t } from '../words/language.ts'
import { byMonth, countByCategory, filterRecords, newestFirst } from './record-list.ts'
import { RecordRow } from './RecordRow.tsx'
import './records.css'

const PAGE_ROWS = 200

/** Records by month with their filters. Which kinds are shown stands in the address; what is searched for stays with the history entry. */
export function RecordList(props: {
  records: readonly RecordSummary[]
  show: readonly Category[]
  onShow: (show: readonly Category[]) => void
  routeOf: (record: RecordSummary) => Route
}) {
  const { search, setSearch } = useRouter()
  const [rows, setRows] = useState(PAGE_ROWS)
  const { records, show } = props
  const sorted = useMemo(() => newestFirst(records), [records])
  const found = useMemo(() => filterRecords(sorted, { show, search }), [sorted, show, search])
  const counts = countByCategory(records)
  const options = CATEGORIES.filter((category) => counts[category] !== undefined || show.includes(category)).map(
    (category) => ({
      value: category,
      label: t(`categories.${category}`),
      count: counts[category] ?? 0,
    }),
  )
  const clear = () => {
    setSearch('')
    props.onShow([])
  }
  const hiding = [
    ...(show.length > 0
      ? [t('records.onlyKinds', { kinds: listText(show.map((category) => t(`categories.${category}`))) })]
      : []),
    ...(search.trim() !== '' ? [t('records.theSearch', { search: search.trim() })] : []),
  ]
  return (
    <>
      <div className="mg-filters">
        {options.length > 1 && (
          <Chips
            label={t('records.kinds')}
            all={t('records.allKinds')}
            options={options}
            on={show}
            onChange={props.onShow}
          />
        )}
        <TextInput
          label={t('records.search')}
          description={t('records.searchHint')}
          type="search"
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          leftSection={<IconSearch size={18} aria-hidden />}
          autoComplete="off"
        />
      </div>
      <output className="mg-block mg-soft mg-small">
        {hiding.length > 0 && t('records.found', { count: found.length, all: records.length })}
      </output>
      {found.length === 0 ? (
        <EmptyState
          icon={<IconFilterOff size={28} />}
          title={t('records.noneFits')}
          actions={<Button onClick={clear}>{t('records.showAll')}</Button>}
        >
          <p>{t('records.lookingAt', { what: listText(hiding) })}</p>
        </EmptyState>
      ) : (
        byMonth(found.slice(0, rows)).map((month) => (
          <section key={month.label} className="mg-month" aria-label={month.label}>
            <h2 className="mg-month-head">{month.label}</h2>
            <ul className="mg-card mg-list">
              {month.records.map((record) => (
                <RecordRow key={record.recordId} record={record} to={props.routeOf(record)} />
              ))}
            </ul>
          </section>
        ))
      )}
      {found.length > rows && (
        <p className="mg-more">
          <Button variant="default" onClick={() => setRows(rows + PAGE_ROWS)}>
            {t('page.showMore', { number: Math.min(PAGE_ROWS, found.length - rows) })}
          </Button>
        </p>
      )}
    </>
  )
}

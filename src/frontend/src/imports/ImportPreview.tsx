import { CATEGORIES } from '@medguard/client'
import { Button } from '@mantine/core'
import { useState } from 'react'
import { useStore } from 'zustand'
import { clinicalDayText } from '../app/dates.ts'
import { Notice } from '../app/elements.tsx'
import { listText, t } from '../words/language.ts'
import type { ImportStore } from './import-store.ts'
import type { ImportItem } from './read-files.ts'
import { Troubles } from './Troubles.tsx'

const PAGE_ROWS = 50

/** What would be added, by kind, each to be ticked or not; nothing is stored before the button. */
export function ImportPreview({ store }: { store: ImportStore }) {
  const { items, troubles, run, clear } = useStore(store)
  const groups = Map.groupBy(items, ({ typeLabel }) => typeLabel)
  const on = items.filter(({ isOn }) => isOn).length
  const names = [...new Set(items.flatMap(({ subject }) => subject ?? []))]
  const stored = items.filter(({ twin }) => twin === 'stored').length
  const twice = items.filter(({ twin }) => twin === 'twice').length
  const isSparing = items.some(({ isAdministrative }) => isAdministrative)
  return (
    <div className="mg-stack">
      <Troubles troubles={troubles} />
      {names.length > 0 && <Notice tone="info" title={t('imports.about', { names: listText(names) })} />}
      {(stored > 0 || twice > 0) && (
        <Notice tone="info" title={t('imports.preview')}>
          {stored > 0 && <p>{t('imports.stored', { count: stored })}</p>}
          {twice > 0 && <p>{t('imports.twice', { count: twice })}</p>}
        </Notice>
      )}
      {isSparing && <p className="mg-soft">{t('imports.administrative')}</p>}
      {Array.from(groups, ([label, group]) => (
        <Group key={label} label={label} items={group} store={store} />
      ))}
      <div className="mg-row">
        <Button size="lg" disabled={on === 0} onClick={() => void run()}>
          {t('imports.go', { count: on })}
        </Button>
        <Button variant="default" onClick={clear}>
          {t('imports.other')}
        </Button>
        {on === 0 && <span className="mg-soft">{t('imports.none')}</span>}
      </div>
    </div>
  )
}

function Group(props: { label: string; items: readonly ImportItem[]; store: ImportStore }) {
  const { label, items, store } = props
  const { turn } = store.getState()
  const [isOpen, setOpen] = useState(items.length <= 5)
  const [rows, setRows] = useState(PAGE_ROWS)
  const on = items.filter(({ isOn }) => isOn).length
  // What is there already is ticked one by one, by whoever wants it twice.
  const fresh = items.filter(({ twin }) => twin === null)
  return (
    <section className="mg-card mg-import-group" aria-label={label}>
      <div className="mg-import-head">
        <label className="mg-import-all">
          <input
            type="checkbox"
            aria-label={t('imports.all', { what: label })}
            disabled={fresh.length === 0 && on === 0}
            checked={on > 0 && fresh.every(({ isOn }) => isOn)}
            ref={(box) => {
              if (box !== null) box.indeterminate = on > 0 && !fresh.every(({ isOn }) => isOn)
            }}
            onChange={({ currentTarget: { checked } }) =>
              turn(
                (checked ? fresh : items).map(({ key }) => key),
                checked,
              )
            }
          />
          <strong>{t('imports.group', { what: label, on, all: items.length })}</strong>
        </label>
        {!isOpen && (
          <Button variant="default" onClick={() => setOpen(true)}>
            {t('imports.show')}
          </Button>
        )}
      </div>
      {isOpen && (
        <ul className="mg-import-list" aria-label={label}>
          {items.slice(0, rows).map((item) => (
            <Row key={item.key} item={item} store={store} />
          ))}
        </ul>
      )}
      {isOpen && items.length > rows && (
        <p className="mg-more">
          <Button variant="default" onClick={() => setRows(rows + PAGE_ROWS)}>
            {t('page.showMore', { number: Math.min(PAGE_ROWS, items.length - rows) })}
          </Button>
        </p>
      )}
    </section>
  )
}

function Row({ item, store }: { item: ImportItem; store: ImportStore }) {
  const { turn, file } = store.getState()
  const { key, title, category, day, twin, older, type, isOn } = item
  const said = twin === 'stored' ? 'imports.isStored' : twin === 'twice' ? 'imports.isTwice' : 'imports.isNewer'
  return (
    <li className="mg-import-row">
      <label className="mg-import-one">
        <input type="checkbox" checked={isOn} onChange={({ currentTarget }) => turn([key], currentTarget.checked)} />
        <span className="mg-import-title">
          <bdi>{title}</bdi>
          {(twin !== null || older !== null) && <span className="mg-badge">{t(said)}</span>}
        </span>
      </label>
      <span className="mg-soft mg-small">
        {type === 'file' ? (
          <select
            className="mg-select"
            aria-label={t('imports.kindOf', { title })}
            value={category}
            onChange={({ currentTarget }) => {
              const chosen = CATEGORIES.find((one) => one === currentTarget.value)
              if (chosen !== undefined) file(key, chosen)
            }}
          >
            {CATEGORIES.map((one) => (
              <option key={one} value={one}>
                {t(`categories.${one}`)}
              </option>
            ))}
          </select>
        ) : (
          [t(`categories.${category}`), clinicalDayText(day)].filter((part) => part !== null).join(' · ')
        )}
      </span>
    </li>
  )
}

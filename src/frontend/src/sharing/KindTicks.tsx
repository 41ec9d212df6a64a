import { Button } from '@mantine/core'
import { CATEGORIES, type Category } from '@medguard/client'
import { useKnown, useServices } from '../app/context.ts'
import { t } from '../words/language.ts'
import { Marked } from '../words/Marked.tsx'
import { countByCategory } from '../records/record-list.ts'
import { useSensitive } from './use-names.ts'

/** Kinds of records to tick, each with how many there are; and what people mostly mean, ticked at once. */
export function KindTicks(props: {
  categories: readonly Category[]
  onChange: (categories: readonly Category[]) => void
}) {
  const { categories, onChange } = props
  const records = useKnown(useServices().records)
  const counts = records === null ? null : countByCategory(records)
  const { kinds: sensitive } = useSensitive()
  const presets = [
    { name: 'summary', ticks: ['summary'] },
    { name: 'allBut', ticks: CATEGORIES.filter((each) => !sensitive.includes(each)) },
    { name: 'none', ticks: [] },
  ] as const
  return (
    <>
      <fieldset className="mg-set">
        <legend>{t('sharePresets.label')}</legend>
        <div className="mg-row">
          {presets.map(({ name, ticks }) => (
            <Button key={name} variant="default" onClick={() => onChange(ticks)}>
              {t(`sharePresets.${name}`)}
            </Button>
          ))}
        </div>
      </fieldset>
      <fieldset className="mg-set">
        <legend>{t('records.kinds')}</legend>
        <div className="mg-choices">
          {CATEGORIES.map((category) => (
            <label key={category} className="mg-choice">
              <input
                type="checkbox"
                aria-label={t(`categories.${category}`)}
                aria-describedby={`share-hint-${category}`}
                checked={categories.includes(category)}
                onChange={(event) =>
                  onChange(
                    event.currentTarget.checked
                      ? CATEGORIES.filter((one) => one === category || categories.includes(one))
                      : categories.filter((one) => one !== category),
                  )
                }
              />
              <span className="mg-choice-text">
                <span className="mg-choice-label">{t(`categories.${category}`)}</span>
                <span className="mg-choice-hint" id={`share-hint-${category}`}>
                  {t(`categories.${category}Hint`)}
                </span>
              </span>
              {counts !== null && (
                <span className="mg-choice-count">
                  <Marked
                    text="share.countNow"
                    values={{ count: counts[category] ?? 0 }}
                    marks={{ hidden: (text) => <span className="mg-hidden">{text}</span> }}
                  />
                </span>
              )}
            </label>
          ))}
        </div>
      </fieldset>
    </>
  )
}

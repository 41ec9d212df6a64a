import { CATEGORIES, type MyRules } from '@medguard/client'
import { useState } from 'react'
import { CheckChoice } from '../app/Choice.tsx'
import { useServices } from '../app/context.ts'
import { Section } from '../app/elements.tsx'
import { scopeText } from '../app/words.ts'
import { t } from '../words/language.ts'
import { SaveRule } from './SaveRule.tsx'

/** Kinds that no share covers unless they are ticked by themselves. One of them always is. */
export function SensitiveKinds({ rules: { sensitive } }: { rules: MyRules }) {
  const { rules } = useServices()
  const [on, setOn] = useState(sensitive)
  const options = CATEGORIES.filter((category) => category !== 'sensitive')
  return (
    <Section title={t('rules.sensitive')}>
      <div className="mg-card mg-pad mg-stack">
        <p>{t('rules.sensitiveText', { always: scopeText(['sensitive']) })}</p>
        <CheckChoice
          legend={t('rules.sensitiveAlso')}
          name="sensitive-kinds"
          on={on}
          options={options.map((value) => ({ value, label: t(`categories.${value}`) }))}
          onChange={setOn}
        />
        <SaveRule
          store={rules.marking}
          change={{ kind: 'sensitive', categories: on }}
          isChanged={on.toSorted().join() !== sensitive.toSorted().join()}
          label={t('rules.saveSensitive')}
        />
      </div>
    </Section>
  )
}

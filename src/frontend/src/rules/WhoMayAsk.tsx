import { REQUESTS_FROM, type MyRules } from '@medguard/client'
import { useState } from 'react'
import { Choice } from '../app/Choice.tsx'
import { useServices } from '../app/context.ts'
import { Section } from '../app/elements.tsx'
import { t } from '../words/language.ts'
import { SaveRule } from './SaveRule.tsx'

/** From whom requests for access come through; whoever asks is told nothing of it. */
export function WhoMayAsk({ rules: { requestsFrom } }: { rules: MyRules }) {
  const { rules } = useServices()
  const [chosen, setChosen] = useState(requestsFrom)
  return (
    <Section title={t('rules.whoMayAsk')}>
      <div className="mg-card mg-pad mg-stack">
        <Choice
          legend={t('rules.whoMayAskText')}
          name="requests-from"
          value={chosen}
          options={REQUESTS_FROM.map((value) => ({
            value,
            label: t(`rules.${value}`),
            hint: t(`rules.${value}Hint`),
          }))}
          onChange={setChosen}
        />
        <SaveRule
          store={rules.admitting}
          change={{ kind: 'requestsFrom', who: chosen }}
          isChanged={chosen !== requestsFrom}
          label={t('rules.saveWho')}
        />
      </div>
    </Section>
  )
}

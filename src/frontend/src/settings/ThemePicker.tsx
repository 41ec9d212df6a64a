import { useMantineColorScheme } from '@mantine/core'
import { Choice } from '../app/Choice.tsx'
import { t } from '../words/language.ts'

const SCHEMES = ['auto', 'light', 'dark'] as const

/** Light or dark, in this browser: it is about its screen, so it goes nowhere else. */
export function ThemePicker() {
  // Transitions go on: to hold them up, it would write a style into the page, which the policy refuses.
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true })
  return (
    <Choice
      legend={t('preferences.theme')}
      name="theme"
      value={colorScheme}
      options={SCHEMES.map((value) => ({ value, label: t(`preferences.theme_${value}`) }))}
      onChange={setColorScheme}
    />
  )
}

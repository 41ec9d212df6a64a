import { t } from '../../words/language.ts'
import type { DicomFacts, Picture } from './dicom-types.ts'
import { CT_WINDOWS, wholeWindow, type Window } from './window-level.ts'

/** What of the measured values is shown: as the file has it, as is usual, or everything. */
export function WindowChoice(props: {
  facts: DicomFacts
  picture: Extract<Picture, { kind: 'grey' }>
  chosen: Window | null
  onChoose: (window: Window | null) => void
}) {
  const { facts, picture, chosen, onChoose } = props
  const own = facts.presets.map((preset, i) => ({
    ...preset,
    name: preset.name || t('viewers.ofTheFile', { number: i + 1 }),
  }))
  const usual = facts.modality === 'CT' ? CT_WINDOWS.map((each) => ({ ...each, name: t(`viewers.${each.key}`) })) : []
  const all = [...own, ...usual, { ...wholeWindow(picture), name: t('viewers.wholeRange') }]
  const is = ({ center, width }: Window) => chosen !== null && center === chosen.center && width === chosen.width
  const value = chosen === null ? 0 : all.findIndex(is)
  return (
    <label className="mg-tool-field">
      <span>{t('viewers.window')}</span>
      <select value={value} onChange={(event) => onChoose(all[Number(event.currentTarget.value)] ?? null)}>
        {value === -1 && <option value={-1}>{t('viewers.byHand')}</option>}
        {all.map(({ name }, i) => (
          <option key={`${i} ${name}`} value={i}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}

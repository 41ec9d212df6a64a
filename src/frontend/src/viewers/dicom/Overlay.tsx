import { t } from '../../words/language.ts'
import type { DicomFacts } from './dicom-types.ts'
import type { Window } from './window-level.ts'

/** Whose it is and what, over the picture: names are those of the file, which may be another person's. */
export function Overlay({ facts, where, window }: { facts: DicomFacts; where: string; window: Window | null }) {
  const left = [facts.patientName, facts.patientId, facts.birthDate]
  const right = [
    `${facts.modality} ${facts.studyDate}`.trim(),
    facts.studyDescription,
    facts.seriesDescription,
    where,
    window === null
      ? ''
      : t('viewers.windowIs', { center: Math.round(window.center), width: Math.round(window.width) }),
  ]
  const lines = (all: readonly string[]) =>
    all
      .filter((line) => line !== '')
      .map((line, i) => (
        <span key={`${i} ${line}`} dir="auto">
          {line}
        </span>
      ))
  return (
    <>
      <div className="mg-stage-facts">{lines(left)}</div>
      <div className="mg-stage-facts">{lines(right)}</div>
    </>
  )
}

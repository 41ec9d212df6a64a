import { useEffect, useRef, useState } from 'react'
import { ListSkeleton } from '../../app/elements.tsx'
import { numberText, t } from '../../words/language.ts'
import { Canvas } from '../Canvas.tsx'
import { Tools } from '../Tools.tsx'
import { Unshown } from '../Unshown.tsx'
import type { DicomService } from './dicom-service.ts'
import type { Answer, DicomFacts, Ecg } from './dicom-types.ts'
import { drawEcg, lengthOfEcg } from './ecg-paper.ts'

const SPEEDS = [25, 50] as const
const GAINS = [5, 10, 20] as const

/** An electrocardiogram on its paper, and what of it can be told in words and numbers. */
export function EcgView({ service, file, facts }: { service: DicomService; file: number; facts: DicomFacts }) {
  const [answer, setAnswer] = useState<Answer<Ecg> | null>(null)
  useEffect(() => {
    let isOver = false
    void service.ecg(file).then((read) => !isOver && setAnswer(read))
    return () => {
      isOver = true
    }
  }, [service, file])
  if (answer === null) return <ListSkeleton label={t('viewers.reading')} rows={3} />
  if (answer.kind === 'unreadable') return <Unshown why={answer.why} detail={answer.detail} />
  return <Paper ecg={answer.value} facts={facts} />
}

function Paper({ ecg, facts }: { ecg: Ecg; facts: DicomFacts }) {
  const [speed, setSpeed] = useState<number>(25)
  const [gain, setGain] = useState<number>(10)
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    if (canvas.current !== null) drawEcg(canvas.current, ecg, { speed, gain })
  }, [ecg, speed, gain])
  const seconds = numberText(Math.round(ecg.seconds * 10) / 10)
  const label = t('viewers.ecgIs', { leads: ecg.leads.length, seconds })
  const isCut = lengthOfEcg(ecg) < ecg.seconds
  return (
    <div className="mg-viewer">
      <Tools label={t('viewers.tools')}>
        <Choice label={t('viewers.speed')} unit="mm/s" all={SPEEDS} value={speed} onChoose={setSpeed} />
        <Choice label={t('viewers.gain')} unit="mm/mV" all={GAINS} value={gain} onChoose={setGain} />
      </Tools>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, and keys have to reach it */}
      <section className="mg-scroll mg-ecg-paper" dir="ltr" tabIndex={0} aria-label={label}>
        <Canvas ref={canvas} label={label} isDrawn />
      </section>
      {isCut && (
        <p className="mg-pad mg-soft">{t('viewers.ecgBeginning', { seconds: Math.floor(lengthOfEcg(ecg)) })}</p>
      )}
      <details className="mg-details mg-pad">
        <summary>{t('viewers.ecgValues')}</summary>
        <table className="mg-values">
          <tbody>
            <Row
              name={t('viewers.patient')}
              value={[facts.patientName, facts.birthDate, facts.patientId].filter(Boolean).join(', ')}
            />
            <Row name={t('viewers.date')} value={facts.studyDate} />
            <Row name={t('viewers.length')} value={t('viewers.seconds', { seconds })} />
            <Row name={t('viewers.rate')} value={`${numberText(ecg.samplesPerSecond)} Hz`} />
            {ecg.notes.map(({ name, value }, i) => (
              <Row key={`${i} ${name}`} name={name || t('viewers.statement')} value={value} />
            ))}
          </tbody>
        </table>
        <table className="mg-values">
          <thead>
            <tr>
              <th scope="col">{t('viewers.lead')}</th>
              <th scope="col">{t('viewers.lowest')}</th>
              <th scope="col">{t('viewers.highest')}</th>
            </tr>
          </thead>
          <tbody>
            {ecg.leads.map(({ name, samples }) => {
              const [low, high] = extremes(samples)
              return (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td>{millivolts(low)}</td>
                  <td>{millivolts(high)}</td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </details>
      <p className="mg-not-diagnosis mg-soft">{t('viewers.notForDiagnosis')}</p>
    </div>
  )
}

function Row({ name, value }: { name: string; value: string }) {
  return value === '' ? null : (
    <tr>
      <th scope="row" dir="auto">
        {name}
      </th>
      <td dir="auto">{value}</td>
    </tr>
  )
}

function Choice(props: {
  label: string
  unit: string
  all: readonly number[]
  value: number
  onChoose: (value: number) => void
}) {
  const { label, unit, all, value, onChoose } = props
  return (
    <label className="mg-tool-field">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChoose(Number(event.currentTarget.value))}>
        {all.map((each) => (
          <option key={each} value={each}>
            {`${numberText(each)} ${unit}`}
          </option>
        ))}
      </select>
    </label>
  )
}

const millivolts = (value: number) => `${numberText(Math.round(value * 100) / 100)} mV`

function extremes(samples: Float32Array): [number, number] {
  let [low, high] = [Infinity, -Infinity]
  for (const value of samples) {
    if (value < low) low = value
    if (value > high) high = value
  }
  return [low, high]
}

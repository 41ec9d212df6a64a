import { unreachable } from '../app/unreachable.ts'
import type { LogReport, UntoldCode, Verification } from '@medguard/client'
import { Button } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { useNow, useServices } from '../app/context.ts'
import { atText, msOf } from '../app/dates.ts'
import type { SimpleKey } from '../words/texts.ts'
import { Link, Notice } from '../app/elements.tsx'
import { t } from '../words/language.ts'

const CHECKS = {
  certificate: 'log.checkCertificate',
  fresh: 'log.checkFresh',
  inclusion: 'log.checkInclusion',
  chain: 'log.checkChain',
  complete: 'log.checkComplete',
  consistency: 'log.checkConsistency',
  recorded: 'log.checkRecorded',
} as const satisfies Record<Extract<Verification, { kind: 'verified' }>['checked'][number], SimpleKey>

const UNTOLD = {
  NotShown: 'log.untoldNotShown',
  Old: 'log.untoldOld',
  NoProof: 'log.untoldNoProof',
  Unsteady: 'log.untoldUnsteady',
  PartSilent: 'log.untoldPartSilent',
  PartUnknown: 'log.untoldPartUnknown',
} as const satisfies Record<UntoldCode, SimpleKey>

/** Three answers, never two: verified, failed, or cannot tell. */
export function VerificationNotice(props: {
  report: LogReport
  atMs: number
  isChecking: boolean
  onVerify: () => void
}) {
  const { verification } = props.report
  const nowMs = useNow(10_000)
  const { say } = useServices()
  const { kind } = verification
  const first = useRef(props.atMs)
  // What fails is an alert. That it still holds would be heard by nobody who pressed for it.
  useEffect(() => {
    if (props.atMs === first.current) return
    first.current = props.atMs
    if (kind === 'verified') say(t('log.holds'))
  }, [kind, props.atMs, say])
  const checked = nowMs - props.atMs < 60_000 ? t('log.justNow') : atText(props.atMs, nowMs)
  const verify = (
    <Button variant="default" loading={props.isChecking} onClick={props.onVerify}>
      {t('log.verifyAgain')}
    </Button>
  )
  switch (verification.kind) {
    case 'verified':
      return (
        <Notice tone="good" title={t('log.verified')} actions={verify}>
          <p>{t('log.verifiedText', { checked, signed: atText(msOf(verification.certifiedNs), nowMs) })}</p>
          <details className="mg-details">
            <summary>{t('log.whatChecked')}</summary>
            <ul className="mg-checked">
              {verification.checked.map((check) => (
                <li key={check}>{t(CHECKS[check])}</li>
              ))}
              <li>{t('log.treeSize', { count: Number(verification.treeSize) })}</li>
            </ul>
            <Link to={{ name: 'help', area: 'patient', topic: 'log' }}>{t('log.howItWorks')}</Link>
          </details>
        </Notice>
      )
    case 'failed':
      return (
        <Notice tone="bad" title={t('log.failed')} actions={verify} loud>
          <p>{t('log.failedText', { checked, code: verification.code })}</p>
          <details className="mg-details">
            <summary>{t('log.technical')}</summary>
            <p className="mg-soft mg-small">
              <bdi lang="en">{verification.what}</bdi>
            </p>
          </details>
        </Notice>
      )
    case 'cannotTell':
      return (
        <Notice tone="warn" title={t('log.cannotTell')} actions={verify} loud>
          <p>{t(UNTOLD[verification.code])}</p>
          <p>{t('log.cannotTellText')}</p>
        </Notice>
      )
    default:
      return unreachable(verification)
  }
}

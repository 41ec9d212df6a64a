import { unreachable } from '../app/unreachable.ts'
import type { LogReport, Verification } from '@medguard/client'
import { Button } from '@mantine/core'
import { useNow } from '../app/context.ts'
import { momentText, msOf } from '../app/dates.ts'
import { Link, Notice } from '../app/elements.tsx'

const CHECK_WORDS: Record<Extract<Verification, { kind: 'verified' }>['checked'][number], string> = {
  certificate: 'The network signed the state of the log.',
  fresh: 'That signature is new, not an old one played back.',
  inclusion: 'Every entry shown is part of the signed log.',
  chain: 'Your entries follow each other without a gap.',
  complete: 'No entry of yours is left out, up to the newest.',
  consistency: 'The log only grew since this device last looked.',
}

/** Three answers, never two: verified, failed, or cannot tell. */
export function VerificationNotice(props: {
  report: LogReport
  atMs: number
  isChecking: boolean
  onVerify: () => void
}) {
  const { verification } = props.report
  const nowMs = useNow(10_000)
  const verify = (
    <Button variant="default" loading={props.isChecking} onClick={props.onVerify}>
      Verify again
    </Button>
  )
  switch (verification.kind) {
    case 'verified':
      return (
        <Notice tone="good" title="This log is complete and unaltered." actions={verify}>
          <p>
            Checked {checkedText(props.atMs, nowMs)} on this device, against the state that the network signed at{' '}
            {momentText(msOf(verification.certifiedNs), nowMs)}.
          </p>
          <details className="mg-details">
            <summary>What was checked</summary>
            <ul className="mg-checked">
              {verification.checked.map((check) => (
                <li key={check}>{CHECK_WORDS[check]}</li>
              ))}
              <li>{String(verification.treeSize)} entries of all people together, of which you can read yours.</li>
            </ul>
            <Link to={{ name: 'help', area: 'patient', topic: 'log' }}>How the log works</Link>
          </details>
        </Notice>
      )
    case 'failed':
      return (
        <Notice tone="bad" title="This log failed its check. Do not rely on it." actions={verify} loud>
          <p>{verification.what}</p>
          <p>
            Checked {checkedText(props.atMs, nowMs)} on this device ({verification.code}). Somebody or something between
            the network and this page has changed it, or hides entries, so none is shown. Your records stay encrypted.
            Try from another connection; if it fails there too, tell whoever runs MedGuard for you.
          </p>
        </Notice>
      )
    case 'cannotTell':
      return (
        <Notice tone="warn" title="We cannot tell right now whether this log is complete." actions={verify} loud>
          <p>{verification.why}</p>
          <p>This is not a sign of tampering, and no proof against it either.</p>
        </Notice>
      )
    default:
      return unreachable(verification)
  }
}

function checkedText(atMs: number, nowMs: number): string {
  return nowMs - atMs < 60_000 ? 'just now' : `at ${momentText(atMs, nowMs)}`
}

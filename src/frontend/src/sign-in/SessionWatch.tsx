import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { usePage } from '../app/context.ts'
import { Dialog } from '../app/elements.tsx'
import { timeText } from '../app/dates.ts'
import { areaOf } from '../app/routes.ts'
import { IDLE_LIMIT_MS, IDLE_WARNING_MS } from './idle-watch.ts'

const END_WARNING_MS = 2 * 60_000

/** Locks when nobody is there, and warns before: any touch counts as being there. */
export function SessionWatch({ endsAtMs }: { endsAtMs: number }) {
  const { session, idle, router } = usePage()
  const leave = useStore(session, (state) => state.leave)
  const area = useStore(router, ({ route }) => areaOf(route))
  const [warning, setWarning] = useState<'none' | 'idle' | 'end'>('none')
  const [endSeen, setEndSeen] = useState(false)

  useEffect(() => {
    const limitMs = IDLE_LIMIT_MS[area]
    return idle.watch((idleMs) => {
      const leftMs = endsAtMs - Date.now()
      if (leftMs <= 0) void leave('ended')
      else if (idleMs >= limitMs) void leave('idle')
      else if (idleMs >= limitMs - IDLE_WARNING_MS) setWarning('idle')
      else setWarning(leftMs <= END_WARNING_MS ? 'end' : 'none')
    })
  }, [area, endsAtMs, idle, leave])

  if (warning === 'idle') {
    return (
      <Dialog
        title="Are you still there?"
        onClose={() => idle.touch()}
        actions={<Button onClick={() => idle.touch()}>Stay signed in</Button>}
      >
        <p>MedGuard locks itself within a minute, because nobody has touched it for a while.</p>
      </Dialog>
    )
  }
  if (warning === 'end' && !endSeen) {
    return (
      <Dialog
        title="Your session ends soon"
        onClose={() => setEndSeen(true)}
        actions={
          <>
            <Button variant="default" onClick={() => setEndSeen(true)}>
              Go on until then
            </Button>
            <Button onClick={() => void leave('ended')}>Sign in again now</Button>
          </>
        }
      >
        <p>
          At {timeText(endsAtMs)} you have to sign in again. Save or send what you are working on: it is not kept beyond
          that.
        </p>
      </Dialog>
    )
  }
  return null
}

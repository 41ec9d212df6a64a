import type { RecordSummary } from '@medguard/client'
import { useMemo } from 'react'
import { useIfAny, useKnown, useOwn, useServices } from '../app/context.ts'
import { correctedIn, freshIn, type Marks } from './badges.ts'
import { tagsByRecord } from './tags/tagging.ts'
import { heldIn } from './timeline-filter.ts'

/** @param records all there are, with notes. */
export function useMarks(records: readonly RecordSummary[]): Marks {
  const { shares: given, inShares, device, notices, tags: ownTags } = useServices()
  const shares = useIfAny(given)
  const inThem = useIfAny(inShares)
  const onDevice = useIfAny(device.kept)
  const told = useKnown(notices.report)
  const names = useIfAny(useOwn().names)
  const tags = useIfAny(ownTags)
  const held = useMemo(() => heldIn(inThem), [inThem])
  return useMemo(
    () => ({
      fresh: freshIn(told),
      corrected: correctedIn(records),
      kept: new Set((onDevice ?? []).map(({ recordId }) => recordId)),
      shares,
      held,
      names,
      tags,
      tagsOf: tagsByRecord(tags),
    }),
    [told, records, onDevice, shares, held, names, tags],
  )
}

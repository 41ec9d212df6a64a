import { principalText, Refusal } from '../state-machine/rejects.ts'
import type { LogRecord } from '../state-machine/canister.ts'
import type { World } from '../state-machine/world.ts'
import { LOG_RECORD_BYTES } from '../system-api/canister-functions.ts'
import { canisterAt, type ManagementCall } from './call.ts'
import { type CanisterIdArgs, encodeResult, type FetchLogsArgs, RESULTS } from './candid.ts'
import { canSee } from './inspection.ts'

/** What fits one answer with room for its encoding. */
const LOGS_ANSWER_BYTES_MAX = 1_900_000

export function canisterMetrics(world: World, _call: ManagementCall, args: CanisterIdArgs): Uint8Array {
  const { consumed } = canisterAt(world, args.canister_id)
  return encodeResult(RESULTS.Metrics, {
    cycles_consumed: {
      memory: consumed.memory,
      compute_allocation: consumed.computeAllocation,
      ingress_induction: consumed.ingressInduction,
      instructions: consumed.instructions,
      request_and_response_transmission: consumed.transmission,
      uninstall: consumed.uninstall,
      canister_creation: consumed.canisterCreation,
      http_outcalls: consumed.httpOutcalls,
      burned_cycles: consumed.burned,
    },
  })
}

export function fetchCanisterLogs(world: World, call: ManagementCall, args: FetchLogsArgs): Uint8Array {
  const canister = canisterAt(world, args.canister_id)
  if (!canSee(canister, canister.settings.logVisibility, call.caller)) {
    throw new Refusal('IC0406', `Caller ${principalText(call.caller)} is not allowed to access canister logs`)
  }
  const [filter] = args.filter
  const chosen = filter === undefined ? newest(canister.logs) : oldest(canister.logs.filter(within(filter)))
  return encodeResult(RESULTS.Logs, {
    canister_log_records: chosen.map(({ index, timestampNs, content }) => ({
      idx: index,
      timestamp_nanos: timestampNs,
      content,
    })),
  })
}

function within(filter: NonNullable<FetchLogsArgs['filter'][0]>): (record: LogRecord) => boolean {
  if ('by_idx' in filter) {
    const { start, end } = filter.by_idx
    return ({ index }) => index >= start && index < end
  }
  const { start, end } = filter.by_timestamp_nanos
  return ({ timestampNs }) => timestampNs >= start && timestampNs < end
}

function oldest(records: readonly LogRecord[]): readonly LogRecord[] {
  let bytes = 0
  return records.filter(({ content }) => (bytes += content.length + LOG_RECORD_BYTES) <= LOGS_ANSWER_BYTES_MAX)
}

const newest = (records: readonly LogRecord[]): readonly LogRecord[] => oldest(records.toReversed()).toReversed()

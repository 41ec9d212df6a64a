/** Counts for a monitor, as Prometheus reads them: routes and codes, nobody's name. */
export function createMetrics() {
  const requests = new Map<string, number>()
  const messages = { AA: 0, AE: 0, AR: 0 }
  let tookMs = 0
  let sentBytes = 0
  return {
    answered(route: string, status: number, took: number, sizeBytes: number): void {
      const name = `route="${route}",status="${status}"`
      requests.set(name, (requests.get(name) ?? 0) + 1)
      tookMs += took
      sentBytes += sizeBytes
    },
    acknowledged(ack: 'AA' | 'AE' | 'AR'): void {
      messages[ack]++
    },
    /** @param waiting of messages of HL7 v2; null where none come. */
    text(
      creates: { readonly spool: number; readonly quarantine: number; readonly oldestMs: number | null },
      waiting: { readonly spool: number; readonly quarantine: number } | null,
      nowMs: number,
    ): string {
      const ofMessages =
        waiting === null
          ? []
          : [
              '# HELP medguard_gateway_messages_total Messages of HL7 v2 acknowledged.',
              '# TYPE medguard_gateway_messages_total counter',
              ...Object.entries(messages).map(
                ([ack, count]) => `medguard_gateway_messages_total{ack="${ack}"} ${count}`,
              ),
              '# HELP medguard_gateway_messages_waiting Messages of HL7 v2 on their way, and those that wait for somebody.',
              '# TYPE medguard_gateway_messages_waiting gauge',
              `medguard_gateway_messages_waiting{where="spool"} ${waiting.spool}`,
              `medguard_gateway_messages_waiting{where="quarantine"} ${waiting.quarantine}`,
            ]
      return [
        '# HELP medguard_gateway_requests_total Requests answered.',
        '# TYPE medguard_gateway_requests_total counter',
        ...[...requests].map(([labels, count]) => `medguard_gateway_requests_total{${labels}} ${count}`),
        '# HELP medguard_gateway_seconds_total Time spent on answering.',
        '# TYPE medguard_gateway_seconds_total counter',
        `medguard_gateway_seconds_total ${tookMs / 1000}`,
        '# HELP medguard_gateway_sent_bytes_total Bytes of answers.',
        '# TYPE medguard_gateway_sent_bytes_total counter',
        `medguard_gateway_sent_bytes_total ${sentBytes}`,
        '# HELP medguard_gateway_spool_pending Resources that were acknowledged and are on their way into vaults.',
        '# TYPE medguard_gateway_spool_pending gauge',
        `medguard_gateway_spool_pending ${creates.spool}`,
        '# HELP medguard_gateway_spool_oldest_seconds How long the first of these has waited.',
        '# TYPE medguard_gateway_spool_oldest_seconds gauge',
        `medguard_gateway_spool_oldest_seconds ${creates.oldestMs === null ? 0 : Math.max(0, nowMs - creates.oldestMs) / 1000}`,
        '# HELP medguard_gateway_spool_quarantined Resources that were acknowledged and that no vault takes: somebody has to look.',
        '# TYPE medguard_gateway_spool_quarantined gauge',
        `medguard_gateway_spool_quarantined ${creates.quarantine}`,
        ...ofMessages,
        '',
      ].join('\n')
    },
  }
}
export type Metrics = ReturnType<typeof createMetrics>

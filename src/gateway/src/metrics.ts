/** Counts for a monitor, as Prometheus reads them: routes and codes, nobody's name. */
export function createMetrics() {
  const requests = new Map<string, number>()
  let tookMs = 0
  let sentBytes = 0
  return {
    answered(route: string, status: number, took: number, sizeBytes: number): void {
      const name = `route="${route}",status="${status}"`
      requests.set(name, (requests.get(name) ?? 0) + 1)
      tookMs += took
      sentBytes += sizeBytes
    },
    text(): string {
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
        '',
      ].join('\n')
    },
  }
}
export type Metrics = ReturnType<typeof createMetrics>

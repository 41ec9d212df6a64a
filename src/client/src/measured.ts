/** Names under which the platform's own timeline has how long something took; `bench/app.bench.ts` reads them. They say nothing of whom or what. */
export const MEASURED = {
  headers: 'medguard: headers opened',
  index: 'medguard: index made',
  chart: 'medguard: chart drawn',
} as const

import { areaOf, type Route } from './routes.ts'

/** One page keeps its focus and scroll position while its own filters change. */
export function pageKeyOf(route: Route): string {
  switch (route.name) {
    case 'record':
      return `record ${route.recordId}`
    case 'request':
      return `request ${route.askId}`
    case 'correct':
      return `correct ${route.recordId}`
    case 'devices':
      return `devices ${route.at}`
    case 'patient':
      return `patient ${route.grantId}`
    case 'patientRecord':
      return `patient ${route.grantId} ${route.recordId}`
    case 'patientResults':
      return `patient ${route.grantId} results`
    case 'patientAdd':
      return `patient ${route.grantId} add`
    case 'patientCorrect':
      return `patient ${route.grantId} ${route.recordId} correct`
    case 'organisation':
      return `organisation ${route.orgId}`
    default:
      return `${areaOf(route)} ${route.name}`
  }
}

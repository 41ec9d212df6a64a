export { listen, PortUnavailable, type RunningServer, type ServerOptions } from './server.ts'
export { type Header, headerOf, type Site, type SiteRequest, type SiteResponse, textResponse } from './site.ts'
export type { BuiltInSite, GatewaySites } from './gateway.ts'
export { createFetch } from './fetch.ts'

/** Alerts as whoever reads readings works them out (docs/alerts.md): what the page and `medguard watch` share. */
export { type KeptAlert, type KindAlerts, type LookedAt, lookThrough } from './look-through.ts'
export { watchedShares } from './watched-shares.ts'

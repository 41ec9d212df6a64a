export { type DevelopmentIdentity, developmentIdentity, SignInRefused } from './development-identity.ts'
export { createIdentityProvider, PROVIDER_CANISTER_ID } from './provider.ts'

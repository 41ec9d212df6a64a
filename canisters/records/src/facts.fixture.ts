// What this canister decides on, and where it keeps it, for tests that say it in other words.
export { createFacts } from './facts.ts'
export { createRecordsStore, SECTION as RECORDS_SECTION } from './store.ts'

// What this canister decides on, for tests that compare it with the rule said in other words.
export { createFacts } from './facts.ts'
export { createRecordsStore } from './store.ts'

import fc from 'fast-check'

// What every test gets as `fast-check` (vitest.config.ts): a change is judged by the same cases each time. New cases are looked for with
// `npm run test:long -- properties`; one that fails there prints its seed, and belongs into the test as an example.
if (process.env['MEDGUARD_NEW_CASES'] !== '1') fc.configureGlobal({ seed: 1 })

export * from 'fast-check'
export default fc

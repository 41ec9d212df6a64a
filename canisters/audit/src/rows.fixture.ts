// Where the log keeps what, for tests that look into an image.
export { ROWS as AUDIT_ROWS } from './store.ts'

/** What clients in Node have besides: not for the page. */
export { checkSignature } from './signature-check.ts'

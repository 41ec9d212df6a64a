// The one file that imports `Principal`: two copies of it in one tree would make every caller check fail.
export { Principal } from '@dfinity/principal'

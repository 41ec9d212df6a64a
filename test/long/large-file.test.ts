import { describe } from 'vitest'
import { largeFileStory } from '../product/large-file-story.fixture.ts'

describe('one file of 500 MB', () => {
  largeFileStory({ sizeBytes: 500_000_000, fileCount: 1, waitMs: 1_800_000 })
})

describe('a study of twenty files, 500 MB together', () => {
  largeFileStory({ sizeBytes: 500_000_000, fileCount: 20, waitMs: 1_800_000 })
})

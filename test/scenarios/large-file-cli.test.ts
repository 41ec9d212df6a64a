import { describe } from 'vitest'
import { largeFileStory } from '../product/large-file-story.fixture.ts'

describe('one file of 12 MB', () => {
  largeFileStory({ sizeBytes: 12_000_000, fileCount: 1, waitMs: 120_000 })
})

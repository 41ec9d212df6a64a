import { largeFileStory } from '../product/large-file-story.fixture.ts'

largeFileStory({ sizeBytes: 12_000_000, waitMs: 120_000 })

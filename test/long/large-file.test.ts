import { largeFileStory } from '../product/large-file-story.fixture.ts'

largeFileStory({ sizeBytes: 500_000_000, waitMs: 1_800_000 })

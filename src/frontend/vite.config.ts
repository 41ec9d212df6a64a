import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/**
 * What the first screen needs is one file. Left alone, each icon and each module that a later page also imports is a file of its own: a hundred
 * requests. The entry is not in it: it awaits the words of a language, which import from this file.
 */
const SHELL = { name: 'shell', tags: ['$initial' as const], test: /^(?!.*(index\.html|main\.tsx))/ }

/**
 * Nothing is inlined and nothing is added at run time that a strict Content-Security-Policy refuses: no data URLs, no preload polyfill
 * (docs of the policy: `script-src 'self'; style-src 'self'`). Assets are named by content, so that they can be served as immutable.
 */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1000, // kB as they are; the budget of the shell is 300 KB compressed, and half of it is the network's client
    sourcemap: false,
    rolldownOptions: { output: { codeSplitting: { groups: [SHELL] } } },
  },
  worker: { format: 'es' },
})

// The worker that reads PDF files, of pdf.js, which begins to listen by itself. Its policy (scripts/app-headers.ts) lets it reach nothing.
import 'pdfjs-dist/build/pdf.worker.mjs'

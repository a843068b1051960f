import { defineConfig } from 'vite';

/** Everything is a file of our own origin: the page must work under `default-src 'self'`, without a word in line. */
export default defineConfig({
  root: import.meta.dirname,
  // Wherever the page lies, its files lie beside it.
  base: './',
  build: {
    target: 'es2022',
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600,
    // "use client" is for servers that render; there is none.
    rolldownOptions: {
      onLog: (level, log, next) => log.code !== 'MODULE_LEVEL_DIRECTIVE' && next(level, log),
    },
  },
  // For `vite packages/dashboard` beside the mock, or a gateway whose admin listener is there.
  server: {
    proxy: {
      '^/(v1|services|endpoints|discovery|alerts|registry|cache|requests|metrics|readyz|config|log-level|threads)\b':
        'http://127.0.0.1:4180',
    },
  },
});

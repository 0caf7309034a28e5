import { fileURLToPath } from 'node:url';
import preact from '@preact/preset-vite';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
/** Where `vite` (the development server) finds a running studio. */
const studio = 'http://127.0.0.1:8080';

export default defineConfig({
  root: here('.'),
  plugins: [preact()],
  build: {
    outDir: here('../../dist/panel'),
    emptyOutDir: true,
    target: 'es2022',
    // The studio's policy allows nothing inline: neither scripts nor data: fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: {
    proxy: {
      '/api': { target: studio, changeOrigin: true },
      '/ws': { target: studio, ws: true, changeOrigin: true },
      '/preview.flv': { target: studio, ws: true, changeOrigin: true },
    },
  },
});

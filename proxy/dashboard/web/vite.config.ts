import { defineConfig } from 'vite';

// For work on the page: `PARAVENT_TOKEN=$(cat STATE/token) npm run dev` shows the data of a program that runs on this
// computer. The built page has nothing of it.
declare const process: { env: Record<string, string | undefined> };
const program = process.env['PARAVENT_DASHBOARD'] ?? 'http://127.0.0.1:8481';
const token = process.env['PARAVENT_TOKEN'];
const headers: Record<string, string> = token ? { Authorization: `Bearer ${token}` } : {};
const asked = { target: program, changeOrigin: true, headers };

export default defineConfig({
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact', legalComments: 'none' },
  build: {
    target: 'es2021',
    assetsInlineLimit: 0, // the policy allows data: for images alone, and what stands in a file can be cached
    modulePreload: { polyfill: false }, // it would be an inline script's work in old browsers
    emptyOutDir: true,
    rollupOptions: { input: ['index.html', 'setup.html', 'demo.html'] },
  },
  server: { proxy: { '/api': asked, '/qr.svg': asked, '/authority.crt': asked, '/healthz': asked } },
});

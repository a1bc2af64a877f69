/** The web application's build: static files in dist/web, no inline script (strict Content-Security-Policy). */
import { defineConfig } from "vite";
import react from "@vitejs/plugin-react";

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    outDir: "../dist/web",
    emptyOutDir: true,
    target: "es2023",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // data: URLs would need a wider policy
    reportCompressedSize: true,
  },
  server: { proxy: { "/api": process.env.SALUS_URL ?? "http://127.0.0.1:8080" } },
});

import "./styles/base.css";
import "./styles/print.css";
import "./styles/components.css";
import "./components/finding.css";
import "./state/theme.ts";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { client } from "./data/queries.ts";
import { recall, remember } from "./state/memory.ts";
import { LanguageProvider } from "./texts/language.tsx";
import { router } from "./router.tsx";

/** A newer build on the server takes the old screens away: load the page again, once a minute at most, so that a fault never loops. */
addEventListener("vite:preloadError", (event) => {
  if (!navigator.onLine || Date.now() - Number(recall("reloaded") ?? 0) < 60_000) return;
  event.preventDefault();
  remember("reloaded", String(Date.now()));
  location.reload();
});

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <LanguageProvider><RouterProvider router={router} /></LanguageProvider>
    </QueryClientProvider>
  </StrictMode>,
);

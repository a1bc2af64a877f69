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
import { LanguageProvider } from "./texts/language.tsx";
import { router } from "./router.tsx";

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <LanguageProvider><RouterProvider router={router} /></LanguageProvider>
    </QueryClientProvider>
  </StrictMode>,
);

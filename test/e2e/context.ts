/** What a browser test works with. Each `check` is one counted test. */
import type { BrowserContext, Page } from "playwright-core";

export type PageOptions = { width: number; height: number; language?: "en" | "zh"; dark?: boolean };
export type OpenedPage = { page: Page; context: BrowserContext; close(): Promise<void> };

export type E2eContext = {
  baseUrl: string;
  /** A fresh browser profile: no cookie, no stored choice but the language. */
  newPage(options: PageOptions): Promise<OpenedPage>;
  /** Where screenshots go (git-ignored). */
  screenshotDir: string;
  /** axe-core's source, to inject into a page. */
  axeSource: string;
  check(name: string, work: () => Promise<void>): Promise<void>;
};

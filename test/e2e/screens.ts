/**
 * The screens in a real browser: a doctor goes from the worklist to a person, asks a finding why, opens its evidence,
 * proves it, drafts, edits and signs a note; a patient reads their own pages; an administrator verifies. axe on each
 * screen (WCAG 2.2 AA and best practice), screenshots at 1440 and 390 px in both languages.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { until } from "#platform/testing.ts";
import type { E2eContext } from "./context.ts";

type Session = { node: { demoAccounts?: { username: string; password: string; role: string }[] } };
type Violation = { id: string; nodes: { html: string }[] };
const edge = (note: Locator): Promise<string> => note.evaluate((element) => element.ownerDocument.defaultView!.getComputedStyle(element).borderTopStyle);
const wide = { width: 1440, height: 900 }, phone = { width: 390, height: 844 };

export async function run(context: E2eContext): Promise<void> {
  const { baseUrl, check } = context;
  const session = (await (await fetch(`${baseUrl}/api/session`)).json()) as Session;
  const demo = (role: string) => {
    const account = session.node.demoAccounts?.find((one) => one.role === role);
    assert.ok(account, `the demo node names a ${role}`);
    return account;
  };
  const signIn = async (page: Page, role: string): Promise<void> => {
    const { username, password } = demo(role);
    const answer = await page.context().request.post(`${baseUrl}/api/session`, { data: { username, password } });
    assert.equal(answer.status(), 200);
  };
  const accessible = async (page: Page): Promise<void> => {
    await page.evaluate(context.axeSource);
    const { violations } = await page.evaluate<{ violations: Violation[] }>('axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })');
    assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160)}`), []);
    const beyond = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
    assert.ok(beyond <= 0, `the page is ${beyond} px wider than the window`);
  };
  /** Console errors but those of answers that a test provokes. */
  const watch = (page: Page): string[] => {
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("console", (message) => { if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) errors.push(message.text()); });
    return errors;
  };
  let firstPerson = "";

  await check("signing in: a wrong password is refused in words and keeps the name, the right one leads to the worklist", async () => {
    const { page, close } = await context.newPage(wide);
    try {
      const { username, password } = demo("practitioner"), errors = watch(page);
      await page.goto(`${baseUrl}/people?q=wang`);
      await page.waitForURL(/\/signin\?next=/);
      await page.getByLabel("User name").fill(username);
      await page.getByLabel("Password").fill("not the password");
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
      await page.getByText("User name or password is wrong.").waitFor();
      assert.equal(await page.getByLabel("User name").inputValue(), username);
      await accessible(page);
      await page.getByLabel("Password").fill(password);
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
      await page.waitForURL(/\/people\?q=wang/); // where one wanted to go
      await page.goto(`${baseUrl}/`);
      await page.waitForURL(/\/worklist/);
      await page.getByRole("list", { name: "People by urgency" }).waitFor();
      assert.deepEqual(errors, []);
    } finally { await close(); }
  });

  await check("worklist: ordered by urgency, j and Enter open the first person with the reason", async () => {
    const { page, close } = await context.newPage(wide);
    try {
      await signIn(page, "practitioner");
      await page.goto(`${baseUrl}/worklist`);
      const rows = page.locator(".work-row");
      await rows.first().waitFor();
      const order = ["Emergency", "Urgent", "Soon", "Routine"];
      const ranks = (await rows.locator(".urgency").allTextContents()).map((word) => order.indexOf(word.trim()));
      assert.ok(ranks.length > 0 && ranks.every((rank, i) => rank >= 0 && (i === 0 || ranks[i - 1]! <= rank)), ranks.join());
      // Rows may be seen before the page listens to keys.
      await until(async () => { await page.keyboard.press("j"); return await page.locator(".work-row:focus").count() === 1; }, "the first row's focus");
      await page.keyboard.press("Enter");
      await page.waitForURL(/\/people\/[^/?]+/);
      firstPerson = new URL(page.url()).pathname.split("/")[2]!;
      await page.locator(".answer").waitFor();
      assert.ok((await page.locator(".answer").textContent())!.trim().length > 5);
    } finally { await close(); }
  });

  await check("a finding gives its reasons, its evidence opens the source, and the browser proves it in the ledger", async () => {
    const { page, close } = await context.newPage(wide);
    try {
      const errors = watch(page);
      await signIn(page, "practitioner");
      await page.goto(`${baseUrl}/people/${firstPerson}/findings`);
      await page.locator(".finding-line.computed a").first().click();
      const panel = page.getByRole("complementary", { name: "Reasons" });
      await panel.locator(".reasons-statement").waitFor();
      assert.match(page.url(), /[?&]why=/);
      await panel.getByRole("heading", { name: "What moved it" }).waitFor();
      await panel.locator(".evidence a").first().click();
      const source = page.getByRole("complementary", { name: "Evidence" });
      await source.getByRole("button", { name: "JSON" }).click();
      assert.match((await source.locator("pre").textContent())!, /"resourceType"/);
      await source.getByRole("button", { name: "Check in this browser" }).click();
      await source.locator("[data-proven]").waitFor();
      assert.equal(await source.locator("[data-proven]").getAttribute("data-proven"), "true", await source.locator(".proof").innerText());
      const address = page.url();
      await page.goto(address); // the open panel has an address of its own
      await page.getByRole("complementary", { name: "Evidence" }).locator(".reasons-statement").waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("complementary", { name: "Evidence" }).waitFor({ state: "detached" });
      assert.deepEqual(errors, []);
    } finally { await close(); }
  });

  await check("a note: composed as a visible draft, edited, kept through an ended session, signed, and proven", async () => {
    const { page, context: profile, close } = await context.newPage(wide);
    try {
      const { password } = demo("practitioner");
      await signIn(page, "practitioner");
      await page.goto(`${baseUrl}/people/${firstPerson}/notes`);
      await page.getByRole("button", { name: "Compose a draft" }).click();
      const draft = page.locator(".draft.preliminary").first();
      await draft.getByText("draft", { exact: true }).waitFor();
      assert.equal(await edge(draft), "dashed");
      await draft.locator(".cite").first().click();
      await page.getByRole("complementary").locator(".reasons-statement").waitFor();
      await page.keyboard.press("Escape");
      await draft.getByRole("button", { name: "Edit" }).click();
      await draft.locator("textarea").first().fill("Reviewed with the patient today.");
      await profile.clearCookies();
      await draft.getByRole("button", { name: "Save" }).click();
      const dialog = page.getByRole("dialog", { name: "Your session has ended" });
      await dialog.getByLabel("Password").fill(password);
      await dialog.getByRole("button", { name: "Sign in", exact: true }).click();
      await dialog.waitFor({ state: "detached" });
      assert.equal(await draft.locator("textarea").first().inputValue(), "Reviewed with the patient today.");
      await draft.getByRole("button", { name: "Save" }).click();
      await draft.getByText("Reviewed with the patient today.").waitFor();
      await draft.getByRole("button", { name: "Sign", exact: true }).click();
      await page.getByRole("dialog", { name: "Sign this note?" }).getByRole("button", { name: "Sign", exact: true }).click();
      const signed = page.locator(".draft.final").first();
      await signed.getByText(/Signed by/).waitFor();
      assert.equal(await edge(signed), "solid");
      await signed.getByText(/signature verified/).waitFor();
      await signed.getByRole("button", { name: "Check in this browser" }).click();
      await signed.locator("[data-proven=true]").waitFor();
    } finally { await close(); }
  });

  await check("the timeline zooms by keys and its span is in the address", async () => {
    const { page, close } = await context.newPage(wide);
    try {
      await signIn(page, "practitioner");
      await page.goto(`${baseUrl}/people/${firstPerson}/timeline`);
      const timeline = page.getByRole("group", { name: "Timeline", exact: true });
      await timeline.focus();
      for (const key of ["+", "+", "ArrowLeft"]) await page.keyboard.press(key);
      await page.waitForURL(/from=\d{4}-\d{2}-\d{2}.*to=\d{4}/);
      await page.keyboard.press("0");
      await page.waitForURL((url) => !url.search.includes("from="));
    } finally { await close(); }
  });

  await check("an administrator looks a resource up in the ledger and verifies the record", async () => {
    const { page, close } = await context.newPage(wide);
    try {
      await signIn(page, "administrator");
      await page.goto(`${baseUrl}/ledger`);
      await page.getByLabel(/^Reference, for example/).fill(`Patient/${firstPerson}`);
      await page.getByRole("button", { name: "Show proof" }).click();
      await page.locator("[data-proven=true]").waitFor();
      await page.getByRole("button", { name: "Verify the whole record" }).click();
      await page.getByText("Everything is as it was written.").waitFor({ timeout: 180_000 });
    } finally { await close(); }
  });

  await check("signals: the newest recording of one's people opens on its ECG", async () => {
    const { page, close } = await context.newPage(wide);
    try {
      await signIn(page, "practitioner");
      await page.goto(`${baseUrl}/worklist`);
      await page.getByRole("navigation", { name: "Main menu" }).getByRole("link", { name: "Signals" }).first().click();
      await page.locator(".recording-row").first().click();
      await page.waitForURL(/\/people\/[^/]+\/signals\?recording=Observation\//);
      await page.locator(".recordings a.current, svg").first().waitFor();
      await page.goto(`${baseUrl}/administration`);
      await page.waitForURL(/\/worklist/); // not a doctor's page
    } finally { await close(); }
  });

  await check("an administrator makes an account, is told in Chinese what is wrong, resets its password and disables it", async () => {
    const { page, close } = await context.newPage({ ...wide, language: "zh" });
    try {
      await signIn(page, "administrator");
      await page.goto(`${baseUrl}/administration`);
      await page.getByRole("button", { name: "新建账号" }).first().click();
      const form = page.getByRole("form", { name: "新建账号" });
      await form.getByLabel("对应记录").fill("Practitioner/nobody-here");
      await form.getByLabel("中文姓名").fill("李新");
      await form.getByLabel("用户名").fill("li.xin");
      await form.getByLabel("密码").fill("short");
      await form.getByRole("button", { name: "新建账号" }).click();
      await form.getByText("记录中没有 Practitioner/nobody-here。").waitFor();
      await form.getByLabel("角色").selectOption("administrator");
      await form.getByLabel("对应记录").fill("");
      await form.getByRole("button", { name: "新建账号" }).click();
      await form.getByText(/密码至少 12 个字符/).waitFor();
      await accessible(page);
      await form.getByLabel("密码").fill("seven quiet rivers at dusk");
      await form.getByRole("button", { name: "新建账号" }).click();
      const row = page.locator(".accounts tr", { hasText: "li.xin" });
      await row.getByText("启用", { exact: true }).waitFor();
      await row.getByRole("button", { name: /^重设密码/ }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("新密码").fill("nine lanterns over the old bridge");
      await dialog.getByRole("button", { name: "重设密码" }).click();
      await dialog.getByText("新密码已生效。").waitFor();
      await dialog.getByRole("button", { name: "关闭" }).click();
      await row.getByRole("button", { name: /^停用/ }).click();
      await page.getByRole("dialog").getByRole("button", { name: "停用" }).click();
      await row.getByText("已停用").waitFor();
    } finally { await close(); }
  });

  await check("a patient sees only their own pages", async () => {
    const { page, close } = await context.newPage(phone);
    try {
      await signIn(page, "patient");
      await page.goto(`${baseUrl}/worklist`);
      await page.waitForURL(/\/me$/);
      await page.getByRole("heading", { name: /^Hello/ }).waitFor();
      const small = await page.locator("main a:visible, main button:visible, nav a:visible").evaluateAll((elements) => elements.filter((element) => element.getBoundingClientRect().height < 44).map((element) => element.textContent));
      assert.deepEqual(small, []);
    } finally { await close(); }
  });

  const screens: [name: string, role: string, path: () => string, ready: string][] = [
    ["worklist", "practitioner", () => "/worklist", ".work-row"], ["recordings", "practitioner", () => "/signals", ".recording-row"], ["people", "practitioner", () => "/people", ".people-row"],
    ["person", "practitioner", () => `/people/${firstPerson}`, ".finding-line"], ["timeline", "practitioner", () => `/people/${firstPerson}/timeline`, ".lane"], ["findings", "practitioner", () => `/people/${firstPerson}/findings`, ".finding-line"],
    ["results", "practitioner", () => `/people/${firstPerson}/results`, ".trend svg"], ["medicines", "practitioner", () => `/people/${firstPerson}/medicines`, "h1"], ["notes", "practitioner", () => `/people/${firstPerson}/notes`, ".draft"], ["signals", "practitioner", () => `/people/${firstPerson}/signals`, "h1"],
    ["ledger", "administrator", () => "/ledger", "table"], ["administration", "administrator", () => "/administration", ".accounts"],
    ["my-health", "patient", () => "/me", "h1"], ["my-results", "patient", () => "/me/results", ".result-value"], ["my-medicines", "patient", () => "/me/medicines", "h1"], ["my-ecgs", "patient", () => "/me/ecgs", "h1"], ["my-access", "patient", () => "/me/access", "h1"],
  ];
  for (const size of [wide, phone]) for (const language of ["en", "zh"] as const)
    await check(`every screen at ${size.width} px in ${language}: axe finds nothing, nothing overflows`, async () => {
      const faults: string[] = [];
      for (const role of ["practitioner", "administrator", "patient"]) {
        const { page, close } = await context.newPage({ ...size, language, dark: role === "administrator" });
        const errors = watch(page);
        await signIn(page, role);
        for (const [name, who, path, ready] of screens) {
          if (who !== role) continue;
          try {
            await page.goto(baseUrl + path());
            await page.locator(ready).first().waitFor();
            await page.waitForTimeout(400);
            await page.screenshot({ path: join(context.screenshotDir, `${name}-${size.width}-${language}.png`) });
            await accessible(page);
          } catch (error) { faults.push(`${name}: ${error instanceof Error ? error.message.slice(0, 400) : String(error)}`); }
        }
        faults.push(...errors);
        await close();
      }
      assert.deepEqual(faults, []);
    });
}

// A visit to a page: what a reader sees and presses, and what holds for every page they come by.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";

import { eventually } from "./office.mjs";

const SCREENSHOTS = fileURLToPath(new URL("../../target/screenshots/", import.meta.url));
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];

/** Debian's Chromium, with a profile of its own. */
export function openBrowser() {
  mkdirSync(SCREENSHOTS, { recursive: true });
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
}

export class Visit {
  #page;
  #screen;
  #requested = [];
  #complaints = [];

  static async start(browser, screen, link, options = {}) {
    const context = await browser.newContext({ viewport: screen, locale: "ko-KR", ...options });
    const visit = new Visit();
    visit.#screen = screen;
    visit.#page = await context.newPage();
    visit.#page.on("request", (request) => {
      if (!request.url().startsWith("data:")) visit.#requested.push(request.url());
    });
    // A page that breaks its own policy says so here; Chromium also notes answers like 404 and 422, which are meant.
    visit.#page.on("console", (message) => {
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) visit.#complaints.push(message.text());
    });
    await visit.#page.goto(link);
    return visit;
  }

  /** Nothing was complained of but what is meant. */
  async end({ complaints } = {}) {
    assert.deepEqual(this.#complaints.filter((complaint) => !complaints?.test(complaint)), []);
    await this.#page.context().close();
  }

  url() {
    return this.#page.url();
  }

  requested() {
    return this.#requested;
  }

  source() {
    return this.#page.content();
  }

  text() {
    return this.#page.locator("body").innerText();
  }

  /**
   * Keeps a picture, and checks what every page must be: accessible, in one piece, with targets a thumb can hit. Not
   * where scripts are off: axe is one.
   */
  async look(name) {
    await this.#page.screenshot({ path: `${SCREENSHOTS}/${name}-${this.#screen.width}.png`, fullPage: true });
    const { violations } = await new AxeBuilder({ page: this.#page }).analyze();
    const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
    assert.deepEqual(told, [], `axe on ${name}`);
    const page = await this.#page.evaluate(() => ({
      over: document.documentElement.scrollWidth - window.innerWidth,
      headings: document.querySelectorAll("h1").length,
      small: [...document.querySelectorAll("main a, main button, main .option > label, main input:not([type=radio], [type=checkbox])")]
        .filter((target) => target.offsetParent && target.getBoundingClientRect().height < 44)
        .map((target) => target.outerHTML),
    }));
    assert.deepEqual(page, { over: page.over > 0 ? 0 : page.over, headings: 1, small: [] }, name);
  }

  /** Where a link leads. */
  async destination(link) {
    return this.#page.getByRole("link", { name: link }).getAttribute("href");
  }

  async pick(label) {
    await this.#field(label).check();
  }

  async unfold(summary) {
    await this.#page.locator("summary", { hasText: summary }).click();
  }

  async write(label, text) {
    await this.#field(label).fill(text);
  }

  async press(button) {
    await Promise.all([
      this.#page.waitForEvent("load"),
      this.#page.getByRole("button", { name: button, exact: true }).click(),
    ]);
  }

  /** Presses one of several buttons of the same name. */
  async pressFirst(button, index = 0) {
    await Promise.all([
      this.#page.waitForEvent("load"),
      this.#page.getByRole("button", { name: button, exact: true }).nth(index).click(),
    ]);
  }

  /** Presses a button that leads nowhere. */
  async click(button) {
    await this.#page.getByRole("button", { name: button, exact: true }).click();
  }

  /** Picks files. */
  async choose(label, files) {
    await this.#page.getByLabel(label).setInputFiles(files.length === 1 ? files[0] : files);
  }

  /** Waits until the page says this. */
  async shows(text) {
    await this.#page.getByText(text).first().waitFor();
  }

  async reload() {
    await this.#page.goto(this.#page.url());
  }

  /** From now on whatever is posted elsewhere breaks off, or arrives again. */
  async breakUploads(broken) {
    const elsewhere = (url) => url.origin !== new URL(this.#page.url()).origin;
    if (broken) await this.#page.route(elsewhere, (route) => route.abort());
    else await this.#page.unrouteAll();
  }

  /** Opens the page again and again until its heading is this one, and it says that. */
  async until(heading, says = /./) {
    await eventually(`the page ${heading}`, async () => {
      await this.#page.goto(this.#page.url());
      return (await this.#page.locator("h1").innerText()) === heading && says.test(await this.text()) ? true : undefined;
    });
  }

  /** Goes on by the tab key until this field or button is reached; each stop on the way is seen to have the focus. */
  async tabTo(label) {
    for (let stop = 0; stop < 40; stop += 1) {
      await this.#page.keyboard.press("Tab");
      const focus = await this.#page.evaluate(() => {
        const element = document.activeElement;
        const ring = [element, element.parentElement].some((one) => parseFloat(getComputedStyle(one).outlineWidth) >= 2
          && getComputedStyle(one).outlineStyle !== "none");
        const name = element.labels?.[0]?.querySelector("strong")?.innerText ?? element.labels?.[0]?.innerText ?? element.innerText;
        return { name, ring };
      });
      assert.ok(focus.ring, `the focus on ${focus.name} is seen`);
      if (focus.name === label) return;
    }
    assert.fail(`the tab key does not reach ${label}`);
  }

  async key(name) {
    await this.#page.keyboard.press(name);
  }

  async type(text) {
    await this.#page.keyboard.type(text);
  }

  async leaveBy(key) {
    await Promise.all([this.#page.waitForEvent("load"), this.#page.keyboard.press(key)]);
  }

  #field(label) {
    const starting = new RegExp(`^${label}`);
    return this.#page.getByLabel(starting).first();
  }
}

// The page that tells anyone whether the office sent a text: on a telephone and on a desk, with and without scripts.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { openBrowser, Visit } from "./browser.mjs";
import { eventually, Office } from "./office.mjs";

const office = Office.ofEnvironment();
let browser;

before(async () => {
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
});

/** Asks for a code; who asks too often waits for the next minute. */
async function check(visit, code) {
  await eventually("an answer", async () => {
    await visit.write("(다른 )?확인코드", code);
    await visit.press("확인하기");
    return (await visit.text()).includes("잠시 뒤에") ? undefined : true;
  });
}

for (const screen of [{ name: "phone", width: 360, height: 740 }, { name: "desk", width: 1280, height: 900 }]) {
  test(`a text is checked on a ${screen.name}`, async () => {
    const resident = await office.notify({ kind: "petition_result" });
    const code = await resident.code();
    const visit = await Visit.start(browser, screen, office.page("/verify"));
    assert.deepEqual(visit.requested(), [office.page("/verify")]);
    await visit.look("verify");
    await check(visit, "12");
    assert.match(await visit.text(), /영문자와 숫자 여섯 자리입니다/);
    await visit.look("verify-no-code");
    await check(visit, ` ${code.toLowerCase().slice(0, 3)}-${code.slice(3)} `);
    assert.match(await visit.text(), /서초구청에서 보낸 문자입니다/);
    assert.match(await visit.text(), /민원 처리결과/);
    assert.ok(!(await visit.text()).includes(resident.title), "nothing personal");
    await visit.look("verify-known");
    await check(visit, "ZZZZZZ");
    assert.match(await visit.text(), /찾지 못했습니다/);
    assert.match(await visit.text(), /118/);
    await visit.look("verify-unknown");
    await visit.end();
  });
}

test("a text is checked without a script", async () => {
  const resident = await office.notify({ kind: "petition_result" });
  const visit = await Visit.start(browser, { width: 360, height: 740 }, office.page("/verify"), { javaScriptEnabled: false });
  await check(visit, await resident.code());
  assert.match(await visit.text(), /서초구청에서 보낸 문자입니다/);
  await visit.end();
});

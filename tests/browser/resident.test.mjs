// The resident's page as residents meet it: from the link in a text, on a telephone and on a desk, by keyboard alone.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { openBrowser, Visit } from "./browser.mjs";
import { Office } from "./office.mjs";

const SCREENS = [
  { name: "phone", width: 360, height: 740 },
  { name: "desk", width: 1280, height: 900 },
];

const office = Office.ofEnvironment();
let browser;

before(async () => {
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
});

for (const screen of SCREENS) {
  describe(`on a ${screen.name}`, () => {
    test("a text is chosen and the notice read behind the second factor", async () => {
      const resident = await office.notify({ kind: "petition_result" });
      const visit = await Visit.start(browser, screen, await resident.link());
      await visit.look("choose");
      assert.ok(!(await visit.text()).includes(resident.name), "no full name before the second factor");
      assert.ok(!(await visit.text()).includes(resident.title), "no title before the second factor");

      await visit.press("이 방법으로 받기");
      assert.match(await visit.text(), /받으실 방법을 하나 골라 주십시오/);
      await visit.look("choose-nothing");

      await visit.pick("문자");
      await visit.press("이 방법으로 받기");
      assert.match(await visit.text(), /동의가 필요합니다/);
      await visit.look("choose-without-consent");

      await visit.pick("위 내용을 읽었으며 동의합니다");
      await visit.press("이 방법으로 받기");
      assert.equal(new URL(visit.url()).search, "");
      await visit.look("chosen-text");

      await visit.until("본인 확인");
      await visit.look("second-factor");
      await visit.write("생년월일 6자리", "900102");
      await visit.press("통지 내용 보기");
      assert.match(await visit.text(), /앞으로 4번/);
      await visit.look("wrong-answer");
      await visit.write("생년월일 6자리", "900101");
      await visit.press("통지 내용 보기");
      for (const expected of [resident.title, resident.name, "승낙서", "김담당", "02-2155-0101"]) {
        assert.ok((await visit.text()).includes(expected), expected);
      }
      await visit.look("reading");
      await visit.end();
    });

    test("the letter is had as a file, and the way of the next notices is chosen", async () => {
      const resident = await office.notify({ kind: "petition_result" });
      const visit = await Visit.start(browser, screen, await resident.link());
      await visit.pick("문자");
      await visit.pick("위 내용을 읽었으며 동의합니다");
      await visit.press("이 방법으로 받기");
      await visit.until("본인 확인");
      await visit.write("생년월일 6자리", "900101");
      await visit.press("통지 내용 보기");

      const letter = await fetch(await visit.destination("통지서 PDF 내려받기"));
      assert.equal(letter.status, 200);
      assert.match(letter.headers.get("content-disposition"), /^attachment/);
      assert.equal(Buffer.from(await letter.arrayBuffer()).subarray(0, 5).toString(), "%PDF-");

      await visit.press("다음부터 문자나 이메일로 받기");
      assert.match(visit.url(), /\/next$/);
      await visit.look("next");
      await visit.press("이 방법으로 받기");
      for (const fault of [/받으실 방법을 하나 골라/, /동의가 필요합니다/, /생년월일 6자리를 숫자로/]) {
        assert.match(await visit.text(), fault);
      }
      await visit.look("next-nothing");
      await visit.pick("문자");
      await visit.pick("위 내용을 읽었으며 동의합니다");
      await visit.write("생년월일 6자리", "900102");
      await visit.press("이 방법으로 받기");
      assert.match(await visit.text(), /앞으로 4번/);
      await visit.look("next-wrong-answer");
      await visit.write("생년월일 6자리", "900101");
      await visit.press("이 방법으로 받기");
      assert.match(await visit.text(), /다음 통지부터 문자/);
      await visit.look("preferred");
      await visit.end();
    });

    test("an e-mail address is written, corrected and used", async () => {
      const resident = await office.notify({ kind: "guidance" });
      const visit = await Visit.start(browser, screen, await resident.link());
      await visit.pick("이메일");
      await visit.write("이메일 주소", "gildong@");
      await visit.pick("위 내용을 읽었으며 동의합니다");
      await visit.press("이 방법으로 받기");
      assert.match(await visit.text(), /이메일 주소가 올바르지 않습니다/);
      await visit.look("wrong-email");
      const address = `${resident.phone.slice(1)}@example.org`;
      await visit.write("이메일 주소", address);
      await visit.press("이 방법으로 받기");
      await visit.look("chosen-email");
      await resident.mail(address);
      await visit.end();
    });

    test("post is chosen without any consent", async () => {
      const resident = await office.notify({ kind: "petition_result" });
      const visit = await Visit.start(browser, screen, await resident.link());
      await visit.pick("우편");
      await visit.press("이 방법으로 받기");
      assert.match(await visit.text(), /고르신 방법: 우편/);
      await visit.look("chosen-post");
      await visit.unfold("받는 방법 바꾸기");
      await visit.look("changing");
      await visit.pick("앞으로 모든 ‘민원 처리결과’");
      await visit.press("이 방법으로 받기");
      assert.match(await visit.text(), /고르신 방법: 우편/);
      await visit.press("전자 통지 수신 거부");
      await visit.look("opt-out");
      await visit.press("이메일 수신 거부하기");
      await visit.look("opted-out-of-email");
      await visit.press("모든 전자 통지 거부하기");
      await visit.look("opted-out-of-everything");
      await visit.press("통지 화면으로 돌아가기");
      assert.match(await visit.text(), /고르신 방법: 우편/);
      await visit.end();
    });

    test("five wrong answers lock the link", async () => {
      const resident = await office.notify({ kind: "petition_result", birth_date: undefined });
      const visit = await Visit.start(browser, screen, await resident.link());
      await visit.pick("문자");
      await visit.pick("위 내용을 읽었으며 동의합니다");
      await visit.press("이 방법으로 받기");
      await visit.until("본인 확인");
      await visit.look("second-factor-name");
      for (let attempt = 0; attempt < 5; attempt += 1) {
        await visit.write("이름", "다른사람");
        await visit.press("통지 내용 보기");
      }
      assert.match(await visit.text(), /링크가 잠겼습니다/);
      assert.ok((await visit.text()).includes("02-2155-0101"), "whom to call");
      await visit.look("locked");
      await visit.end();
    });

    test("a link that opens nothing says what to do", async () => {
      const visit = await Visit.start(browser, screen, office.linkOf("AAAAAAAAAAAA"));
      assert.match(await visit.text(), /열 수 없는 링크입니다/);
      assert.ok((await visit.text()).includes("02-2155-0000"), "whom to call");
      await visit.look("not-found");
      await visit.end();
    });
  });
}

test("the keyboard alone is enough, and the focus is always seen", async () => {
  const resident = await office.notify({ kind: "petition_result" });
  const visit = await Visit.start(browser, SCREENS[0], await resident.link());
  await visit.tabTo("문자");
  await visit.key("Space");
  await visit.tabTo("이번 통지만");
  await visit.tabTo("위 내용을 읽었으며 동의합니다");
  await visit.key("Space");
  await visit.tabTo("이 방법으로 받기");
  await visit.leaveBy("Enter");
  await visit.until("본인 확인");
  await visit.tabTo("생년월일 6자리");
  await visit.type("900101");
  await visit.leaveBy("Enter");
  assert.ok((await visit.text()).includes(resident.title));
  await visit.end();
});

test("the page needs no script, asks nobody else, and keeps its address to itself", async () => {
  const resident = await office.notify({ kind: "petition_result" });
  const link = await resident.link();
  const visit = await Visit.start(browser, SCREENS[0], link, { javaScriptEnabled: false });
  assert.deepEqual(visit.requested(), [link]);
  assert.ok(!(await visit.source()).includes(new URL(link).pathname.split("/").at(-1)), "the token is not in the page");
  await visit.end();
});

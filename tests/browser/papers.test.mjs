// Papers handed in from a telephone: with a script and without, by keyboard, and over a line that breaks.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { openBrowser, Visit } from "./browser.mjs";
import { eventually, Office } from "./office.mjs";

const PHONE = { name: "phone", width: 360, height: 740 };
const PHOTO = fileURLToPath(new URL("../journeys/tests/files/photo.jpg", import.meta.url));
const PDF = fileURLToPath(new URL("../../functions/post-letters/tests/letters/one.pdf", import.meta.url));
const REQUESTS = [
  { code: "licence", name: "사업자등록증", required: true, until: "2099-12-31" },
  { code: "photo", name: "현장 사진", required: false },
];

const office = Office.ofEnvironment();
let browser;

before(async () => {
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
});

async function papers(options) {
  const resident = await office.notify({ kind: "petition_result", requests: REQUESTS });
  const visit = await Visit.start(browser, PHONE, `${await resident.link()}/documents`, options);
  return { resident, visit };
}

describe("papers on a telephone", () => {
  test("several at once, with a script", async () => {
    const { resident, visit } = await papers();
    await visit.look("documents");
    await visit.choose("사업자등록증 파일", [PDF]);
    await visit.choose("현장 사진 파일", [PHOTO, PHOTO, PHOTO]);
    await visit.shows("올리신 파일 4개");
    await visit.look("documents-brought");
    await visit.pressFirst(/^현장 사진 .* 지우기$/);
    await visit.shows("올리신 파일 3개");
    await visit.reload();
    await visit.shows("올리신 파일 3개");
    await visit.press("제출하기");
    await visit.shows("제출하셨습니다");
    await visit.look("documents-handed-in");
    assert.match(await resident.text(/접수번호/), /서류 3개를 접수했습니다/);
    await visit.until("서류 제출", /접수되었습니다/);
    await visit.look("documents-taken");
    await visit.end();
  });

  test("one after the other, without a script", async () => {
    const { resident, visit } = await papers({ javaScriptEnabled: false });
    await visit.choose("사업자등록증 파일", [PDF]);
    await visit.pressFirst("올리기");
    await visit.shows("올리신 파일 1개");
    assert.match(visit.url(), /\/documents\?/);
    await visit.choose("현장 사진 파일", [PHOTO]);
    await visit.pressFirst("올리기", 1);
    await visit.shows("올리신 파일 2개");
    await visit.pressFirst(/^현장 사진 .* 지우기$/);
    await visit.shows("올리신 파일 1개");
    await visit.choose("현장 사진 파일", [PHOTO]);
    await visit.pressFirst("올리기", 1);
    await visit.shows("올리신 파일 2개");
    await visit.press("제출하기");
    await visit.shows("제출하셨습니다");
    assert.match(await resident.text(/접수번호/), /서류 2개를 접수했습니다/);
    await visit.end();
  });

  test("a broken line is told, and the file goes again", async () => {
    const { visit } = await papers();
    await visit.breakUploads(true);
    await visit.choose("사업자등록증 파일", [PDF]);
    await visit.shows("올리지 못했습니다. 연결을 확인하고 다시 올려 주십시오.");
    await visit.look("documents-broken-off");
    await visit.breakUploads(false);
    await visit.click("다시 올리기");
    await visit.shows("올리신 파일 1개");
    await visit.end({ complaints: /net::ERR_FAILED|ERR_INTERNET_DISCONNECTED/ });
  });

  test("what is no paper is refused before it leaves, with what to do", async () => {
    const { visit } = await papers();
    await visit.choose("사업자등록증 파일", [{ name: "a.exe", mimeType: "application/x-msdownload", buffer: Buffer.from("MZ") }]);
    await visit.shows("사진(JPG, PNG, HEIC)이나 PDF 파일을 골라 주십시오.");
    await visit.choose("사업자등록증 파일", [{ name: "a.pdf", mimeType: "application/pdf", buffer: Buffer.alloc(21 * 1024 * 1024) }]);
    await visit.shows("20MB보다 큽니다.");
    await visit.end();
  });

  test("the keyboard reaches every field, and the focus is seen", async () => {
    const { visit } = await papers();
    await visit.tabTo("사업자등록증 파일");
    await visit.tabTo("현장 사진 파일");
    await visit.tabTo("기타 서류 파일");
    await visit.tabTo("통지 화면으로 돌아가기");
    await visit.leaveBy("Enter");
    assert.doesNotMatch(visit.url(), /documents/);
    await visit.end();
  });
});

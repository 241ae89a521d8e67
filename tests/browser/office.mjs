// The petition system and its residents: hands notices in, and waits for what reaches a handset or a mailbox.

import assert from "node:assert/strict";
import { randomInt, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

const PATIENCE = 180_000;

/** Asks until there is an answer. */
export async function eventually(what, ask) {
  const deadline = Date.now() + PATIENCE;
  while (Date.now() < deadline) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await pause(200);
  }
  assert.fail(`${what} did not come within ${PATIENCE / 1000} s`);
}

async function json(url, options) {
  const answer = await fetch(url, options);
  assert.ok(answer.ok, `${options?.method ?? "GET"} ${new URL(url).pathname}: ${answer.status}`);
  return answer.json();
}

/** The petition system. */
export class Office {
  #stack;
  #token;

  constructor(stack) {
    this.#stack = stack;
  }

  static ofEnvironment() {
    const path = process.env.TONGJI_LOCAL;
    assert.ok(path, "TONGJI_LOCAL names no running stack; `make test` brings one up");
    return new Office(JSON.parse(readFileSync(path, "utf8")));
  }

  /** The address a token's link has. */
  linkOf(token) {
    return `${this.#stack.handset}/c/${token}`;
  }

  /** The address of a page for anyone. */
  page(path) {
    return `${this.#stack.handset}${path}`;
  }

  async #bearer() {
    const { token_url, client_id, client_secret, scopes } = this.#stack.office_client;
    this.#token ??= json(token_url, {
      method: "POST",
      headers: { Authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString("base64")}` },
      body: new URLSearchParams({ grant_type: "client_credentials", scope: scopes.join(" ") }),
    }).then((answer) => answer.access_token);
    return this.#token;
  }

  /** Hands in a notice for a resident nobody else in the run has ever been. Not all of 010-5… is given out. */
  async notify({ kind, requests, ...person }) {
    const resident = new Resident(this.#stack, `+8210${randomInt(20_000_000, 50_000_000)}`);
    const recipient = {
      name: resident.name,
      phone: resident.phone,
      birth_date: "900101",
      entity: "person",
      address: { postal_code: "06628", line: "서울특별시 서초구 동광로 475, 101동 1001호" },
      ...person,
    };
    await json(`${this.#stack.api}/v1/notices`, {
      method: "POST",
      headers: {
        Authorization: `Bearer ${await this.#bearer()}`,
        "Content-Type": "application/json",
        "Idempotency-Key": randomUUID(),
      },
      body: JSON.stringify({
        reference: `건축과-${randomUUID()}`,
        kind,
        department: "building",
        title: resident.title,
        body: "귀하께서 신청하신 건을 다음과 같이 처리하였음을 알려 드립니다.\n\n1. 위치: 서초구 동광로 475\n2. 결과: 반려",
        refusal: {
          reason: "구비서류(소유자 승낙서)가 갖추어지지 않았습니다.",
          remedy: "통지를 받은 날부터 60일 이내에 이의신청하실 수 있습니다.",
        },
        officer: { unit: "건축과 건축허가팀", name: "김담당", phone: "02-2155-0101" },
        recipient,
        requests,
      }),
    });
    return resident;
  }
}

/** Somebody with a telephone. */
class Resident {
  #stack;
  name = "남궁길동";
  title = "건축물 용도변경 처리결과";

  constructor(stack, phone) {
    this.#stack = stack;
    this.phone = phone;
  }

  /** The link in the first text that holds one. */
  async link() {
    const url = `${this.#stack.handset}/outbox/texts?phone=${encodeURIComponent(this.phone)}`;
    return eventually("a text with a link", async () => {
      for (const { text } of await json(url)) {
        const link = text.match(/https?:\/\/\S+/);
        if (link) return link[0];
      }
    });
  }

  /** The first text that matches. */
  async text(words) {
    const url = `${this.#stack.handset}/outbox/texts?phone=${encodeURIComponent(this.phone)}`;
    return eventually(`a text with ${words}`, async () => (await json(url)).map(({ text }) => text).find((text) => words.test(text)));
  }

  /** The code at the end of their first text. */
  async code() {
    return (await this.text(/[0-9A-Z]{6}$/)).match(/[0-9A-Z]{6}$/)[0];
  }

  /** The first mail to that address. */
  async mail(address) {
    const url = `${this.#stack.handset}/outbox/mails?to=${encodeURIComponent(address)}`;
    return eventually("a mail", async () => (await json(url))[0]);
  }
}

// One resident's phone: the texts that came, the answers that went, and the line to type the next one.

import { element, find, linked, read, shown, time } from "./dom.js";

let phone = null;
let target = null;
let drawn = "";

function measure({ bytes, units, parts }) {
  if (bytes === null) return element("span", { className: "bad", textContent: "통신사가 보낼 수 없는 글자가 있음" });
  return `${bytes <= 90 ? "SMS" : "LMS"} ${bytes}바이트 · ${units}자 ${parts}건`;
}

function incoming(text) {
  const answer = element("button", { type: "button", className: "plain", textContent: "이 문자에 답장" });
  answer.addEventListener("click", () => aim(text));
  return element("article", { className: "bubble in" },
    element("p", {}, ...linked(text.text)),
    element("footer", {}, `${time(text.at)} · `, text.sender ? `발신 ${shown(text.sender)} · ` : "", measure(text), " ", answer));
}

const failures = { 0: "서버가 답하지 않음", 401: "서명이 거절됨" };

function outgoing(reply) {
  const accepted = reply.status === "accepted";
  return element("article", { className: `bubble out ${reply.status}` },
    element("p", {}, ...linked(reply.text)),
    element("footer", {}, `${time(reply.received_at)} · `, measure(reply), " · ", element("span", {
      className: accepted ? "" : "bad",
      textContent: accepted ? "접수됨" : `실패 (${failures[reply.http_status] ?? reply.http_status})`,
    })));
}

function aim(text) {
  target = text;
  find("target").hidden = text === null;
  find("target").firstElementChild.textContent = text ? `↳ ${text.text.slice(0, 40)}` : "";
  if (text) find("reply").focus();
}

async function draw(force = false) {
  if (phone === null) return;
  const of = phone;
  const query = `?phone=${encodeURIComponent(of)}`;
  const [texts, replies] = await Promise.all([read(`/outbox/texts${query}`), read(`/replies${query}`)]);
  const now = JSON.stringify([of, texts, replies]);
  if (of !== phone || (now === drawn && !force)) return;
  drawn = now;
  const dated = [...texts.map((text) => [text.at, incoming(text)]), ...replies.map((reply) => [reply.received_at, outgoing(reply)])];
  dated.sort(([one], [other]) => one.localeCompare(other));
  const empty = element("p", { className: "empty", textContent: "아직 받은 문자가 없습니다." });
  const bubbles = find("bubbles");
  bubbles.replaceChildren(...(dated.length ? dated.map(([, bubble]) => bubble) : [empty]));
  bubbles.dataset.sender = texts.at(-1)?.sender ?? "";
  bubbles.scrollTop = bubbles.scrollHeight;
}

export async function open(chosen) {
  if (chosen !== phone) {
    aim(null);
    find("reply").value = "";
  }
  phone = chosen;
  find("phone-title").textContent = shown(chosen);
  await draw();
}

export function close() {
  phone = null;
}

async function send(event) {
  event.preventDefault();
  const box = find("reply");
  const button = find("composer").querySelector("button:not([type])");
  const typed = { from: phone, to: target?.sender ?? find("bubbles").dataset.sender, text: box.value };
  if (!typed.text.trim()) return;
  if (target) typed.in_reply_to = target.id;
  button.disabled = true;
  try {
    const answer = await fetch("/replies", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(typed),
    });
    if (!answer.ok) throw new Error(await answer.text());
    box.value = "";
    aim(null);
    await draw();
  } catch (error) {
    find("state").textContent = `보내지 못했습니다: ${error.message}`;
  } finally {
    button.disabled = false;
    find("reply-size").textContent = "";
    box.focus();
  }
}

export function prepare() {
  find("composer").addEventListener("submit", send);
  find("target-clear").addEventListener("click", () => aim(null));
  find("reply").addEventListener("input", () => {
    const units = find("reply").value.length;
    find("reply-size").textContent = units ? `${units}자` : "";
  });
  find("reply").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      find("composer").requestSubmit();
    }
  });
}

// One mailbox: each mail with its text, its HTML in a sandbox, its attachments and the headers a mail program acts on.

import { element, find, linked, read, time } from "./dom.js";

const HEADERS = ["List-Unsubscribe", "List-Unsubscribe-Post", "Reply-To"];

let address = null;
let drawn = "";

function field(name, ...value) {
  return [element("dt", { textContent: name }), element("dd", {}, ...value)];
}

function bytes(size) {
  return size < 1024 ? `${size} B` : `${(size / 1024).toFixed(1)} KB`;
}

function attachment(mail, file, index) {
  return element("li", {}, element("a", {
    href: `/outbox/mails/${mail.id}/files/${index}`, download: file.name, textContent: `${file.name} (${bytes(file.size)})`,
  }));
}

function drawnMail(mail, index) {
  const headers = HEADERS.filter((name) => mail.headers[name]).flatMap((name) => field(name, ...linked(mail.headers[name])));
  const frame = mail.html && element("iframe", {
    src: `/outbox/mails/${mail.id}/html`, title: `${mail.subject} (HTML)`, loading: "lazy",
  });
  frame && frame.setAttribute("sandbox", "allow-popups allow-popups-to-escape-sandbox");
  const text = element("div", { className: "plain-text" }, ...linked(mail.text));
  return element("details", { className: "mail", open: index === 0 },
    element("summary", {}, element("strong", { textContent: mail.subject || "(제목 없음)" }), element("time", { textContent: time(mail.at) })),
    element("dl", {}, ...field("보낸 이", mail.from), ...field("받는 이", mail.to.join(", ")), ...headers),
    mail.attachments.length ? element("ul", { className: "files", ariaLabel: "첨부" }, ...mail.attachments.map((file, at) => attachment(mail, file, at))) : "",
    frame ? element("h3", { textContent: "HTML" }) : "", frame || "",
    mail.text ? element("h3", { textContent: "글" }) : "", mail.text ? text : "");
}

export async function open(chosen) {
  address = chosen;
  find("mail-title").textContent = chosen;
  const mails = (await read(`/outbox/mails?to=${encodeURIComponent(chosen)}`)).reverse();
  const now = JSON.stringify([chosen, mails.map((mail) => mail.id)]);
  if (chosen !== address || now === drawn) return;
  drawn = now;
  const empty = element("p", { className: "empty", textContent: "아직 받은 메일이 없습니다." });
  find("mails").replaceChildren(...(mails.length ? mails.map(drawnMail) : [empty]));
}

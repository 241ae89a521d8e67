// Keeps the lists of phones and mailboxes current, and shows the one that the address names.

import { dialled, element, find, read, shown, time } from "./dom.js";
import * as mail from "./mail.js";
import * as phone from "./phone.js";

const POLL_MILLISECONDS = 1000;

const KINDS = {
  phone: {
    list: "phones", key: "phone", line: "text", title: "문자를 받은 번호", label: "번호 직접 열기", example: "010-1234-5678",
    empty: "아직 문자를 받은 번호가 없습니다.", name: shown, parse: dialled,
  },
  mail: {
    list: "mailboxes", key: "to", line: "subject", title: "메일을 받은 주소", label: "주소 직접 열기", example: "name@example.org",
    empty: "아직 메일을 받은 주소가 없습니다.", name: (address) => address,
    parse: (typed) => (/^[^\s@]+@[^\s@]+$/.test(typed.trim()) ? typed.trim() : null),
  },
};

let overview = { run: "", phones: [], mailboxes: [] };

/** How many of each were seen; forgotten when the handset was started anew. */
function seen() {
  const kept = JSON.parse(localStorage.getItem("seen") ?? "{}");
  return kept.run === overview.run ? kept : { run: overview.run };
}

function place() {
  const [kind, ...rest] = location.hash.replace(/^#\//, "").split("/");
  return { kind: kind in KINDS ? kind : "phone", chosen: rest.length ? decodeURIComponent(rest.join("/")) : null };
}

const unread = (entry, key) => Math.max(0, entry.count - (seen()[entry[key]] ?? 0));

function badge(of, count) {
  of.hidden = count === 0;
  of.textContent = count;
  of.setAttribute("aria-label", `안 읽음 ${count}`);
}

function entry(kind, item, chosen) {
  const { key, line, name } = KINDS[kind];
  const mark = element("b", { className: "badge" });
  badge(mark, unread(item, key));
  const link = element("a", { href: `#/${kind}/${encodeURIComponent(item[key])}` },
    element("strong", { textContent: name(item[key]) }), element("time", { textContent: time(item.at) }),
    element("span", { textContent: item[line] }), mark);
  if (item[key] === chosen) link.setAttribute("aria-current", "true");
  return element("li", {}, link);
}

function draw() {
  const { kind, chosen } = place();
  const words = KINDS[kind];
  for (const [name, { list, key }] of Object.entries(KINDS)) {
    badge(find(`unread-${name}`), overview[list].reduce((sum, item) => sum + unread(item, key), 0));
    find(`tab-${name}`).setAttribute("aria-current", name === kind ? "page" : "false");
    find(`${name}-view`).hidden = name !== kind || chosen === null;
  }
  find("no-view").hidden = chosen !== null;
  document.body.classList.toggle("chosen", chosen !== null);
  find("list-title").textContent = words.title;
  find("address-label").textContent = words.label;
  find("address").placeholder = words.example;
  find("list-empty").textContent = overview[words.list].length ? "" : words.empty;
  const drawn = JSON.stringify([kind, chosen, overview[words.list], seen()]);
  if (find("entries").dataset.drawn === drawn) return;
  const focused = document.activeElement?.getAttribute("href");
  find("entries").replaceChildren(...overview[words.list].map((item) => entry(kind, item, chosen)));
  find("entries").dataset.drawn = drawn;
  if (focused) find("entries").querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
}

async function show() {
  const { kind, chosen } = place();
  if (kind !== "phone" || chosen === null) phone.close();
  if (chosen !== null) {
    const { list, key } = KINDS[kind];
    const item = overview[list].find((one) => one[key] === chosen);
    if (item && !document.hidden) localStorage.setItem("seen", JSON.stringify({ ...seen(), [chosen]: item.count }));
    await (kind === "phone" ? phone : mail).open(chosen);
  }
  draw();
}

async function poll() {
  try {
    if (!document.hidden) {
      overview = await read("/outbox");
      await show();
      find("state").textContent = "";
    }
  } catch {
    find("state").textContent = "연결이 끊겼습니다. 다시 시도합니다.";
  }
  setTimeout(poll, POLL_MILLISECONDS);
}

find("open").addEventListener("submit", (event) => {
  event.preventDefault();
  const { kind } = place();
  const chosen = KINDS[kind].parse(find("address").value);
  find("address").setCustomValidity(chosen ? "" : `${KINDS[kind].example} 꼴로 적어 주세요.`);
  if (!chosen) return find("address").reportValidity();
  find("address").value = "";
  location.hash = `#/${kind}/${encodeURIComponent(chosen)}`;
});
find("address").addEventListener("input", () => find("address").setCustomValidity(""));
addEventListener("hashchange", () => show().catch(() => {}));
phone.prepare();
draw();
poll();

// Several files at once, with progress, and again where a line broke. Without this every form still works, one file at a time.
"use strict";
const TYPES = { jpg: "image/jpeg", jpeg: "image/jpeg", png: "image/png", heic: "image/heic", heif: "image/heif", pdf: "application/pdf" };
const told = document.getElementById("told");
const typeOf = (file) => Object.values(TYPES).includes(file.type) ? file.type : TYPES[file.name.split(".").pop().toLowerCase()];
const size = (bytes) => bytes < 1048576 ? `${Math.max(1, Math.ceil(bytes / 1024))}KB` : `${(Math.ceil(bytes * 10 / 1048576) / 10).toFixed(1)}MB`;
let queue = Promise.resolve(), open = 0;

class Fault extends Error {}

async function ticket(form, file) {
  const said = { do: "ticket", request: form.dataset.request, name: file.name, type: typeOf(file) ?? "" };
  const answer = await fetch(location.pathname, { method: "POST", body: new URLSearchParams(said) });
  const body = await answer.json().catch(() => ({}));
  if (answer.status === 409 || answer.status === 422) throw new Fault(body.fault);
  if (!answer.ok) throw new Error("no ticket");
  return body;
}

function send({ url, fields }, file, bar) {
  return new Promise((done, failed) => {
    const data = new FormData();
    for (const [name, value] of fields) data.append(name, value);
    data.append("file", file);
    const request = new XMLHttpRequest();
    request.upload.onprogress = (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total; };
    request.onload = () => request.status < 300 ? done() : failed(new Error("refused"));
    request.onerror = request.ontimeout = () => failed(new Error("broken off"));
    request.open("POST", url);
    request.send(data);
  });
}

const tell = (row, file, words) => { row.firstElementChild.textContent = `${file.name} (${size(file.size)}): ${words}`; };

async function upload(form, file, row) {
  const [text, bar, again] = row.children;
  tell(row, file, "올리고 있습니다.");
  try {
    if (file.size === 0) throw new Fault("빈 파일입니다. 다른 파일을 골라 주십시오.");
    if (file.size > form.dataset.longest * 1048576) throw new Fault(`${form.dataset.longest}MB보다 큽니다. 나누거나 줄여서 다시 골라 주십시오.`);
    await send(await ticket(form, file), file, bar);
    row.remove();
    told.textContent = `${file.name} 파일을 올렸습니다.`;
  } catch (error) {
    bar.hidden = true;
    row.classList.add("failed");
    tell(row, file, error instanceof Fault && error.message ? error.message : "올리지 못했습니다. 연결을 확인하고 다시 올려 주십시오.");
    again.hidden = error instanceof Fault;
    told.textContent = text.textContent;
  }
}

function enqueue(form, file, row) {
  const [, bar, again] = row.children;
  open += 1;
  row.classList.remove("failed");
  again.hidden = true;
  bar.hidden = false;
  bar.value = 0;
  tell(row, file, "차례를 기다리고 있습니다.");
  // One after the other: on a slow line that brings the first ones home.
  queue = queue.then(() => upload(form, file, row)).then(() => { open -= 1; if (open === 0) return refresh(); });
}

// What the office has, as it says itself.
async function refresh() {
  const answer = await fetch(location.pathname).catch(() => null);
  if (!answer?.ok) {
    told.textContent = "파일을 올렸습니다. 화면을 새로 고친 뒤 제출하기를 눌러 주십시오.";
    return;
  }
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.getElementById("state").replaceWith(fresh.getElementById("state"));
  for (const stand of document.querySelectorAll("[data-stand]")) {
    const now = fresh.querySelector(`[data-stand="${stand.dataset.stand}"]`);
    if (now) stand.replaceWith(now);
  }
}

// Leaving the page would break off what is on its way.
document.addEventListener("submit", (event) => {
  if (open === 0 || !event.target.closest("#state")) return;
  event.preventDefault();
  told.textContent = "아직 올리고 있는 파일이 있습니다. 다 올린 뒤 제출하기를 눌러 주십시오.";
});

for (const form of document.querySelectorAll("form.upload")) {
  const input = form.querySelector("input[type=file]"), list = form.querySelector(".progress");
  input.multiple = true;
  input.required = false;
  form.querySelector(".send").hidden = true;
  form.addEventListener("submit", (event) => event.preventDefault());
  input.addEventListener("change", () => {
    for (const file of [...input.files]) {
      const row = document.createElement("li");
      const again = document.createElement("button");
      again.type = "button";
      again.className = "second";
      again.textContent = "다시 올리기";
      again.hidden = true;
      again.addEventListener("click", () => enqueue(form, file, row));
      const bar = document.createElement("progress");
      bar.max = 1;
      bar.setAttribute("aria-label", `${file.name} 올리기 진행률`);
      row.append(document.createElement("p"), bar, again);
      list.append(row);
      enqueue(form, file, row);
    }
    input.value = "";
  });
}

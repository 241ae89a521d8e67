// Small pieces that every view of the handset builds with.

/** An element with properties and children; strings become text, never markup. */
export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children.filter((child) => child !== null && child !== ""));
  return made;
}

export const find = (id) => document.getElementById(id);

export async function read(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

/** +821012345678 as a Korean reads it. */
export function shown(phone) {
  const national = phone.startsWith("+82") ? `0${phone.slice(3)}` : phone;
  return national.replace(/^(02|\d{3})(\d{3,4})(\d{4})$/, "$1-$2-$3");
}

/** What a person types as a number, as the network writes it; null where it is none. */
export function dialled(typed) {
  const digits = typed.replace(/[^\d+]/g, "");
  const phone = digits.startsWith("+") ? digits : `+82${digits.replace(/^0/, "")}`;
  return /^\+\d{8,15}$/.test(phone) ? phone : null;
}

const clock = new Intl.DateTimeFormat("ko-KR", { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
export const time = (at) => clock.format(new Date(at));

/** The text with its addresses as links that open beside the handset. */
export function linked(text) {
  return text.split(/(https?:\/\/[^\s<>"')\]]+)/).map((piece, index) =>
    index % 2 ? element("a", { href: piece, target: "_blank", rel: "noopener", textContent: piece }) : piece);
}

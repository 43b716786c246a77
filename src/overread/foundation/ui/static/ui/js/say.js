// Short messages from scripts: polite ones for things that went on by themselves, assertive ones for danger.

function place(box, kind, title, text) {
  const template = document.getElementById(`or-note-${kind}`);
  if (!box || !template) return null;
  const note = template.content.firstElementChild.cloneNode(true);
  note.querySelector("[data-note-title]").textContent = title;
  note.querySelector("[data-note-text]").textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn btn-quiet btn-sm";
  close.textContent = "Close";
  close.addEventListener("click", () => note.remove());
  note.append(close);
  box.replaceChildren(note);
  return note;
}

export function say(kind, title, text) {
  return place(document.getElementById("or-flash"), kind, title, text);
}

export function shout(kind, title, text) {
  return place(document.getElementById("or-shout"), kind, title, text);
}

export function hush() {
  document.getElementById("or-flash")?.replaceChildren();
  document.getElementById("or-shout")?.replaceChildren();
}

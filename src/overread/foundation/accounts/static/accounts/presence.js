// A proof that the person is there now, for one purpose: what a signature asks for.
// confirmPresence("report:<sha256>", { pin: "…" }) or confirmPresence(purpose) for a passkey touch.
// Answers { token, at, method }; throws an Error whose message is for people.
import { touch } from "./webauthn.js";

const AT = "/account/presence/";

async function post(address, values) {
  const token = document.querySelector('meta[name="csrf-token"]')?.content || "";
  const answer = await fetch(address, {
    method: "POST",
    headers: { Accept: "application/json", "X-CSRFToken": token },
    body: new URLSearchParams(values),
  });
  const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
  if (answer.redirected || !isJson) throw new Error("Your session is locked. Load the page again; your draft is saved.");
  const sent = await answer.json();
  if (!answer.ok) throw new Error(sent.message || "You could not be recognised. Try again.");
  return sent;
}

export async function confirmPresence(purpose, { pin } = {}) {
  if (pin !== undefined) return post(AT, { purpose, method: "pin", secret: pin });
  const options = await post(`${AT}begin/`, { purpose });
  let secret;
  try {
    secret = await touch(options);
  } catch {
    throw new Error("The passkey did not answer. Try again, or use your signing PIN.");
  }
  return post(AT, { purpose, method: "passkey", secret });
}
